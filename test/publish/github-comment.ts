/** An account as GitHub shows it; `Bot` logins end in `[bot]`. */
export interface Account {
  readonly login: string;
  readonly type: 'User' | 'Bot';
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly author: Account;
  body: string;
  updatedAt: string;
}

/** A comment in the shape of GitHub's description; `base` is the server's address. */
export function renderComment(base: string, comment: Comment): unknown {
  const { id, issue, body, updatedAt } = comment;
  return {
    id,
    node_id: `IC_${id}`,
    url: `${base}/repos/acme/models/issues/comments/${id}`,
    html_url: `https://github.com/acme/models/pull/${issue}#issuecomment-${id}`,
    issue_url: `${base}/repos/acme/models/issues/${issue}`,
    user: renderUser(base, comment.author),
    body,
    created_at: '2026-11-20T08:00:00Z',
    updated_at: updatedAt,
    author_association: 'NONE',
  };
}

export function renderUser(base: string, account: Account): unknown {
  const url = `${base}/users/${encodeURIComponent(account.login)}`;
  const links = [
    'followers',
    'following',
    'gists',
    'starred',
    'subscriptions',
    'organizations',
    'repos',
    'events',
    'received_events',
  ];
  return {
    login: account.login,
    id: 41898282,
    node_id: 'U_1',
    type: account.type,
    site_admin: false,
    gravatar_id: '',
    avatar_url: 'https://avatars.githubusercontent.com/u/1',
    url,
    html_url: url,
    ...Object.fromEntries(links.map((name) => [`${name}_url`, `${url}/${name}`])),
  };
}
