import { EXPORT_SERVICE_ACCOUNT, INFRA_NAMESPACE, type KubeObject } from '@samband/resources';
import { textAt, valueAt } from '../values.js';
import type { PathStep } from '../manifest.js';
import { quote } from '../problems.js';
import { isRbac } from '../rbac.js';

/**
 * Subjects of a binding that name the account of exports where EnMasse had it. Another account is another account: what
 * the file says is granted, and whoever wrote it is told that exports need more.
 */
export function subjectsElsewhere(
  object: KubeObject,
): { readonly path: readonly PathStep[]; readonly message: string }[] {
  const subjects = isRbac(object) ? valueAt(object, ['subjects']) : undefined;
  if (!Array.isArray(subjects)) return [];
  return subjects.flatMap((subject: unknown, index) => {
    const namespace = textAt(subject, 'namespace');
    const isExporter =
      textAt(subject, 'kind') === 'ServiceAccount' && textAt(subject, 'name') === EXPORT_SERVICE_ACCOUNT;
    if (!isExporter || namespace === undefined || namespace === INFRA_NAMESPACE) return [];
    const message = `the account ${EXPORT_SERVICE_ACCOUNT} of ${quote(namespace)} is not the one that exports are written with: write namespace: ${INFRA_NAMESPACE}`;
    return [{ path: ['subjects', index, 'namespace'], message }];
  });
}
