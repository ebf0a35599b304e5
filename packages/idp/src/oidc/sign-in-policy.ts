/**
 * When a person is asked to sign in, and that nobody is ever asked for consent.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest OpenID Connect Core §3.1.2.1}
 */
import type { PersonId } from '@carnet/protocol'
import type { interactionPolicy, KoaContextWithOIDC } from 'oidc-provider'
import { type AccountPorts, isRevoked } from './accounts.ts'

type Policy = ReturnType<typeof interactionPolicy.base>

export function signInPolicy(
  { base, Prompt, Check }: typeof interactionPolicy,
  ports: Pick<AccountPorts, 'revocations'>,
  acrValues: readonly string[],
): Policy {
  const policy = base()
  policy
    .get('login')
    ?.checks.add(
      new Check('session_ended', 'The sign-in has ended', 'login_required', (ctx) => hasSessionEnded(ctx, ports)),
    )
  policy
    .get('login')
    ?.checks.add(
      new Check('acr_values', 'Another way to sign in was asked for', 'login_required', (ctx) =>
        wantsOtherAcr(ctx, acrValues),
      ),
    )
  // The company's policy has decided. A client that asks for consent is not told off for it.
  policy.remove('consent')
  policy.add(answeredAtOnce(new Prompt({ name: 'consent', requestable: true })))
  policy.add(new Prompt({ name: 'select_account', requestable: true }), 0)
  return policy
}

type PromptType = InstanceType<typeof interactionPolicy.Prompt>

function answeredAtOnce(prompt: PromptType): PromptType {
  prompt.checks.clear()
  return prompt
}

/** A browser session outlives neither the person's account nor a withdrawal of what began before it. */
function hasSessionEnded(ctx: KoaContextWithOIDC, { revocations }: Pick<AccountPorts, 'revocations'>): boolean {
  const { session, account, client } = ctx.oidc
  const person = session?.accountId
  if (person === undefined) return false
  if (account === undefined) return true
  if (ctx.oidc.result?.login !== undefined) return false
  return isRevoked(person as PersonId, { clientId: client?.clientId, authTime: session?.loginTs }, revocations)
}

/** `acr_values` is a wish: it leads to a sign-in where that can help, and stands in the way of nothing. */
function wantsOtherAcr(ctx: KoaContextWithOIDC, acrValues: readonly string[]): boolean {
  const { session, params, result, prompts } = ctx.oidc
  if (session?.accountId === undefined || result?.login !== undefined || prompts.has('none')) return false
  const wanted = typeof params?.acr_values === 'string' ? params.acr_values.split(' ') : []
  if (wanted.length === 0 || (session.acr !== undefined && wanted.includes(session.acr))) return false
  return wanted.some((acr) => acrValues.includes(acr))
}
