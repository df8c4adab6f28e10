/** The import rule: who may import whom. A service never imports another service; a domain imports contracts only. */
const workspace = (name) => `^(libs|services)/${name}/`;
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'contracts-stand-alone', severity: 'error', from: { path: '^libs/contracts/' }, to: { path: '^(libs/(?!contracts/)|services/|dev/)' } },
    {
      name: 'event-store-imports-contracts-only',
      severity: 'error',
      from: { path: '^libs/event-store/' },
      to: { path: '^(libs/(?!contracts/|event-store/)|services/|dev/)' },
    },
    {
      name: 'telemetry-imports-contracts-only',
      severity: 'error',
      from: { path: '^libs/telemetry/' },
      to: { path: '^(libs/(?!contracts/|telemetry/)|services/|dev/)' },
    },
    { name: 'messaging-knows-no-service', severity: 'error', from: { path: '^libs/messaging/' }, to: { path: '^(services/|dev/)' } },
    {
      name: 'a-service-never-imports-another',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    { name: 'product-never-imports-dev', severity: 'error', from: { path: '^(libs|services)/', pathNot: '\\.(int|e2e)\\.spec\\.ts$' }, to: { path: '^dev/' } },
    {
      name: 'domain-is-pure',
      comment: 'no I/O, clock, randomness or framework inside the rules of the business',
      severity: 'error',
      from: { path: '^services/[^/]+/src/domain/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^services/[^/]+/src/domain/', '^libs/contracts/'] },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'types', 'default'], extensionAlias: { '.js': ['.ts', '.js'] } },
  },
};
