export { mutantPlugin } from './mutants/plugin.ts'
export { traceabilityReporter } from './report/traceability-reporter.ts'
