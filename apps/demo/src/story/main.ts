/**
 * Plays the demo story once, as an outside program: it reads `.carnet/demo.json` and then only speaks HTTP.
 *
 * Every line it prints was observed; where something does not happen as told, it says so and exits non-zero.
 */
import { readDemoFile } from '../demo-file.ts'
import { administration } from './administration.ts'
import { offboardMidSession } from './offboard-mid-session.ts'
import { expect, fact, timed } from './print.ts'
import { refusedByPolicy } from './refused-by-policy.ts'
import { rotateUnderTraffic } from './rotate-under-traffic.ts'
import { signInAndConnect } from './sign-in-and-connect.ts'
import { tellTrail } from './tell-trail.ts'
import { widerThanPolicy } from './wider-than-policy.ts'

const [path] = process.argv.slice(2)
expect(path !== undefined, 'it needs the path of demo.json')
const demo = readDemoFile(path)
const admin = administration(demo.admin)

const story = await timed(async () => {
  // A story that was broken off may have left her disabled.
  await admin.enablePerson('alice')
  const alice = await signInAndConnect(demo)
  const refusedTxn = await refusedByPolicy(demo)
  await widerThanPolicy(demo, alice)
  await rotateUnderTraffic(demo, alice, admin)
  await offboardMidSession(alice, admin)
  await tellTrail(admin, { refused: refusedTxn, successful: alice.trackerTxn })
})

fact(`the whole story took ${(story.milliseconds / 1000).toFixed(1)} s`)
