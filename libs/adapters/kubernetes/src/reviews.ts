import { serviceAccountGroups, type AccessQuestion, type ResourceStore } from '@samband/resources';
import { SambandError } from '@samband/errors';
import { objectPath } from './paths.js';
import { isSuccess, parseJson, type Requests } from './requests.js';

type Reviews = Pick<ResourceStore, 'reviewToken' | 'reviewAccess' | 'requestToken'>;

const serviceAccount = { apiVersion: 'v1', kind: 'ServiceAccount' };
/** Longer than any token that a cluster issues; what is longer need not be sent to find out. */
const maxTokenLength = 32 << 10;

/** Questions to the API server about who someone is and what they may do. */
export function createReviews(requests: Requests): Reviews {
  return {
    async reviewToken(token) {
      if (token === '' || token.length > maxTokenLength) return undefined;
      const subject = { text: 'token review', kind: 'TokenReview' };
      const body = await requests.body(subject, {
        method: 'POST',
        path: '/apis/authentication.k8s.io/v1/tokenreviews',
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
        repeatable: true,
      });
      const { status } = body as {
        status?: { authenticated?: boolean; user?: { username?: string; groups?: string[] } };
      };
      const username = status?.user?.username;
      if (status?.authenticated !== true || username === undefined) return undefined;
      return { username, groups: status.user?.groups ?? [] };
    },

    async reviewAccess(question) {
      const body = await requests.body(
        { text: 'access review', kind: 'SubjectAccessReview' },
        {
          method: 'POST',
          path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
          body: {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SubjectAccessReview',
            spec: toSpec(question),
          },
          repeatable: true,
          isDenial: ({ status, body }) =>
            status === 403 || (isSuccess(status) && !isAllowed(parseJson(body, 'access review'))),
        },
      );
      return isAllowed(body);
    },

    async requestToken(namespace, name, seconds) {
      const ref = { ...serviceAccount, namespace, name };
      const served = await requests.discovery.require(serviceAccount);
      const body = await requests.body(
        { text: `token of ServiceAccount ${namespace}/${name}`, kind: 'TokenRequest' },
        {
          method: 'POST',
          path: objectPath(served, ref, 'token'),
          body: {
            apiVersion: 'authentication.k8s.io/v1',
            kind: 'TokenRequest',
            spec: { expirationSeconds: seconds },
          },
          repeatable: true,
        },
      );
      const token = (body as { status?: { token?: unknown } }).status?.token;
      if (typeof token === 'string') return token;
      throw new SambandError(
        'KUBERNETES_UNAVAILABLE',
        `no token came for ServiceAccount ${namespace}/${name}`,
      );
    },
  };
}

function isAllowed(review: unknown): boolean {
  return (review as { status?: { allowed?: boolean } }).status?.allowed === true;
}

function toSpec(question: AccessQuestion): object {
  const { user, verb, group, resource, subresource, namespace, name } = question;
  return {
    user,
    groups: question.groups ?? groupsOf(user),
    resourceAttributes: { verb, group, resource, subresource, namespace, name },
  };
}

/** A review knows only the groups it is told; impersonation adds those of a service account by itself. */
function groupsOf(user: string): string[] {
  const match = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user);
  return match === null ? ['system:authenticated'] : serviceAccountGroups(match[1] ?? '');
}
