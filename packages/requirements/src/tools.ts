export { MUTANT_VARIABLE, mutantPlugin } from './mutants/plugin.ts'
export { traceabilityReporter } from './report/traceability-reporter.ts'
