/** A billing service, as somebody would build it with the MCP SDK. It knows nothing of tokens or policy. */
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

export function createBilling(): () => McpServer {
  const refunded = new Set<number>()
  const invoices = new Map([
    [8811, 120],
    [8812, 40],
  ])
  return () => {
    const server = new McpServer(
      { name: 'billing', version: '1.0.0' },
      { capabilities: { tools: { listChanged: true } } },
    )
    server.registerTool(
      'list_invoices',
      { description: 'Lists the invoices of this month.', annotations: { readOnlyHint: true } },
      async () => text(`${invoices.size} invoices, ${refunded.size} refunded`),
    )
    server.registerTool(
      'refund_invoice',
      {
        description: 'Pays an invoice back.',
        inputSchema: z.object({ invoice: z.number().int() }),
        annotations: { destructiveHint: true },
      },
      async ({ invoice }) => {
        const amount = invoices.get(invoice)
        if (amount === undefined) return text(`there is no invoice ${invoice}`)
        if (refunded.has(invoice)) return text(`invoice ${invoice} was already refunded`)
        refunded.add(invoice)
        return text(`${amount} EUR refunded`)
      },
    )
    return server
  }
}

function text(value: string) {
  return { content: [{ type: 'text' as const, text: value }] }
}
