import { defineConfig } from 'vitest/config'
import { mutantPlugin } from './packages/requirements/src/mutants/plugin.ts'
import { traceabilityReporter } from './packages/requirements/src/report/traceability-reporter.ts'

const plugins = [mutantPlugin(import.meta.dirname)]

/** Tests run on sources: workspace packages resolve to `src` through the `carnet-source` condition. */
const onSources = {
  plugins,
  resolve: { conditions: ['carnet-source'] },
  ssr: { resolve: { conditions: ['carnet-source'] } },
}

/** Set by the scripts that run the whole suite: `check` compares the generated pages, `write` rewrites them. */
const traceability = process.env.CARNET_TRACEABILITY

export default defineConfig({
  test: {
    reporters: [
      'default',
      ...(traceability === undefined ? [] : [traceabilityReporter({ docs: 'docs', write: traceability === 'write' })]),
    ],
    projects: [
      {
        ...onSources,
        test: { name: 'unit', include: ['{packages,apps}/*/src/**/*.test.ts'] },
      },
      {
        ...onSources,
        test: {
          name: 'integration',
          include: ['{packages,apps}/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          globalSetup: 'packages/storage/test/postgres-server.ts',
        },
      },
    ],
  },
})
