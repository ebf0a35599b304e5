import { type Answer, failureError, jsonAnswer, oauthErrorAnswer, parseForm, requestError } from '@carnet/http'
import { JWT_BEARER_GRANT } from '@carnet/protocol'
import { type RedemptionContext, redeem, tellCaller } from '@carnet/resource-as'
import express, { type Express, type Response } from 'express'

/** Adds the grant to a token endpoint you already have; every other grant goes on to your own handler. */
export function addIdJagGrant(app: Express, path: string, context: RedemptionContext): void {
  const say = (res: Response, { status, headers, body }: Answer) => res.status(status).set(headers).send(body)
  app.post(path, express.text({ type: 'application/x-www-form-urlencoded', limit: '64kb' }), async (req, res, next) => {
    try {
      const form = parseForm(String(req.body ?? ''), new Set())
      if (!form.ok) return say(res, oauthErrorAnswer(requestError(form.refusal)))
      if (form.value.get('grant_type') !== JWT_BEARER_GRANT) return next()
      const source = req.ip ?? 'unknown'
      const outcome = await redeem({ form: form.value, authorization: req.get('authorization'), source }, context)
      if (outcome.ok) return say(res, jsonAnswer(200, outcome.value))
      return say(res, oauthErrorAnswer(tellCaller(outcome.refusal), outcome.refusal.txn))
    } catch (fault) {
      return say(res, oauthErrorAnswer(failureError(fault)))
    }
  })
}
