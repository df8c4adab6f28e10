/** The types of events by what they are about. A test compares them with the catalogue. */
export const EVENT_GROUPS = [
  ['Money', ['EarningsAccrued', 'EarningsReversed', 'CampaignBudgetExhausted', 'ClipSettlementFailed']],
  ['Campaigns', ['CampaignLaunched', 'CampaignToppedUp', 'CampaignPaused', 'CampaignResumed', 'CampaignEnded', 'CampaignVisibilityChanged', 'CampaignClipHeld', 'CampaignClipReleased', 'CampaignClipMoved', 'BudgetFunded', 'BudgetRefunded', 'BudgetRefundUndone', 'BudgetCommitted']],
  ['Clips', ['ClipSubmitted', 'ClipApproved', 'ClipRejected', 'ClipHeld', 'ClipReleased', 'ClipAppealed', 'ClipAppealAnswered', 'ClipRetired', 'ClipRestored', 'ClipPostSeen', 'ViewFieldChanged']],
  ['Scraping', ['ViewsRecorded', 'ScrapeFailed', 'FigureConfirmed', 'ClipTrackingRequested', 'TrackingRunStarted', 'ScrapeBatchStarted', 'ScrapeBatchCompleted', 'SourceUsageMeasured']],
  ['Payouts', ['PayoutAccountSet', 'PayoutRequested', 'PayoutApproved', 'PayoutRejected', 'PayoutPaid', 'PayoutFailed', 'CreatorEarningsReversed', 'CreatorErased', 'PayoutIdTaken']],
  ['Short links', ['ShortLinkSubmitted', 'ShortLinkTried', 'ShortLinkResolved', 'ShortLinkRefused']],
  ['Accounts', ['AccountClaimed', 'AccountVerified', 'AccountReleased', 'AccountOwnerChanged']],
  ['Limits', ['SubmissionCounted']],
  ['Operators', ['EventSkipped', 'EventSkipReviewed']],
] as const; // prettier-ignore
