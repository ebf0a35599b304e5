import type { Requirement } from './requirement.ts'
import { rows as client } from './rows/client.ts'
import { rows as discovery } from './rows/discovery.ts'
import { rows as dpop } from './rows/dpop.ts'
import { rows as idp } from './rows/idp.ts'
import { rows as registration } from './rows/registration.ts'
import { rows as resources } from './rows/resource-as.ts'
import { rows as resourceerver } from './rows/resource-server.ts'
import { rows as revocation } from './rows/revocation.ts'
import { rows as richuthorization } from './rows/rich-authorization.ts'
import { rows as saml } from './rows/saml.ts'
import { rows as scim } from './rows/scim.ts'
import { rows as tenancy } from './rows/tenancy.ts'
import { rows as threats } from './rows/threats.ts'

/** The whole matrix, one row per clause. */
export const REQUIREMENTS = [
  ...idp,
  ...resources,
  ...resourceerver,
  ...client,
  ...discovery,
  ...dpop,
  ...richuthorization,
  ...saml,
  ...tenancy,
  ...revocation,
  ...scim,
  ...registration,
  ...threats,
] as const satisfies readonly Requirement[]

/** An id of the matrix; any other does not compile. */
export type RequirementId = (typeof REQUIREMENTS)[number]['id']
