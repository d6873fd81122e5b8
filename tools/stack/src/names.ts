/** Where plans, infra configs and Samband's own accounts live. */
export const infraNamespace = 'enmasse-infra';
