/** What an endpoint may be sent, by what it is of. A test compares it with the API's list. */
export const WEBHOOK_GROUPS = [
  [
    'Campaigns',
    [
      'campaign.launched', 'campaign.topped_up', 'campaign.paused', 'campaign.resumed',
      'campaign.ended', 'campaign.budget_nearly_used', 'campaign.budget_exhausted',
      'campaign.earnings_accrued', 'campaign.earnings_reversed',
    ],
  ],
  [
    'Clips',
    [
      'clip.submitted', 'clip.approved', 'clip.rejected', 'clip.held', 'clip.released',
      'clip.appealed', 'clip.appeal_answered', 'clip.retired', 'clip.restored',
    ],
  ],
  [
    'Payouts',
    [
      'payout.requested', 'payout.approved', 'payout.rejected', 'payout.paid', 'payout.failed',
    ],
  ],
  ['Funding', ['funding.paid_in', 'funding.refunded', 'funding.refund_undone']],
  ['Short links', ['short_link.waiting', 'short_link.settled', 'short_link.ended']],
  ['Accounts', ['account.claimed', 'account.verified', 'account.released']],
  ['Webhooks', ['webhook.endpoint_off']],
] as const; // prettier-ignore
