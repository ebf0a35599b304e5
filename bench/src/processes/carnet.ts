/** One Carnet server: the composed one that `apps/server` starts, with rate limits that do not limit. */
import { Hidden } from '@carnet/protocol'
import { startServer } from '@carnet/server'
import type { Organisation } from '../organisation.ts'
import { idToken, seed } from '../seed.ts'
import { serve, settings } from '../server-process.ts'

export interface CarnetSettings {
  readonly organisation: Organisation
  /** A further process of an organisation that another one has put in place; listens anywhere. */
  readonly further: boolean
}

export interface CarnetReady {
  readonly port: number
  readonly idToken: string
}

const UNLIMITED = { burst: 1e9, perSecond: 1e9 }

const { organisation, further } = settings<CarnetSettings>()
const { issuer, port, database, masterKey, authorizationServer } = organisation

const carnet = await startServer({
  mode: 'demonstration',
  issuer,
  listen: { host: '127.0.0.1', port: further ? 0 : port },
  database: 'url' in database ? { url: new Hidden(database.url) } : database,
  masterKey: new Hidden(masterKey),
  adminApiKey: new Hidden(masterKey),
  trustedProxies: [],
  hosted: [{ issuer: authorizationServer }],
  log: { level: 'warn' },
  rateLimits: {
    perSource: UNLIMITED,
    perClient: UNLIMITED,
    failures: UNLIMITED,
    failuresPerSource: UNLIMITED,
  },
  keyPublishAheadSeconds: 0,
})
if (!further) await seed(carnet, organisation)
const ready: CarnetReady = { port: carnet.port, idToken: await idToken(carnet, organisation) }
serve(ready, () => carnet.close())
