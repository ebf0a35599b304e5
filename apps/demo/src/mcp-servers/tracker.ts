/** An issue tracker, as somebody would build it with the MCP SDK. It knows nothing of tokens or policy. */
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

interface Issue {
  readonly id: number
  readonly title: string
}

export function createTracker(): () => McpServer {
  const issues = new Map<number, Issue>(
    ['Crane 4 reports the wrong load', 'Manifest export is slow', 'Badge reader at gate B'].map((title, index) => [
      index + 1,
      { id: index + 1, title },
    ]),
  )
  return () => {
    const server = new McpServer(
      { name: 'tracker', version: '1.0.0' },
      { capabilities: { tools: { listChanged: true } } },
    )
    server.registerTool(
      'list_issues',
      { description: 'Lists the open issues.', annotations: { readOnlyHint: true } },
      async () => text(`${issues.size} open issues`),
    )
    server.registerTool(
      'create_issue',
      { description: 'Creates an issue.', inputSchema: z.object({ title: z.string().min(1).max(200) }) },
      async ({ title }) => {
        const id = Math.max(0, ...issues.keys()) + 1
        issues.set(id, { id, title })
        return text(`issue ${id} created`)
      },
    )
    server.registerTool(
      'delete_issue',
      {
        description: 'Deletes an issue for good.',
        inputSchema: z.object({ id: z.number().int() }),
        annotations: { destructiveHint: true },
      },
      async ({ id }) => text(issues.delete(id) ? `issue ${id} deleted` : `there is no issue ${id}`),
    )
    return server
  }
}

function text(value: string) {
  return { content: [{ type: 'text' as const, text: value }] }
}
