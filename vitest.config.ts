import { defineConfig } from 'vitest/config'

/** Tests run on sources: workspace packages resolve to `src` through the `carnet-source` condition. */
const onSources = {
  resolve: { conditions: ['carnet-source'] },
  ssr: { resolve: { conditions: ['carnet-source'] } },
}

export default defineConfig({
  test: {
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
        },
      },
    ],
  },
})
