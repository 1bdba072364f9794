/** What the contract says of the other entries: CONNECT, requests over HTTP, and the calls of an embedding program. */

/**
 * Credentials, in CONNECT as `Authorization` and as `passcode`, and over HTTP: `Y` are somebody's, all others are told
 * `AUTH_FAILED` and make nobody, not even a guest.
 */
export const TOKENS = `
Y  a guest's                              X  a guest's, expired
Y  a customer's                           X  a customer's, expired
Y  an agent's session                     X  a session that was ended
Y  a service's                            X  a session of 13 hours
X  a session not used for 31 minutes      X  a guest's of another installation
X  a customer's of another installation   X  a guest's who became a customer
X  a customer's whom nobody knows         X  a customer's as a guest's
X  a guest's as a customer's              X  a guest's without signature
X  the host site's JWT                    X  a prefix alone
X  a made-up session                      X  a made-up service
X  a service's in capitals                X  a service's with a letter more
`;

/** Before CONNECT every one of these is `NOT_CONNECTED`, and the end of the connection. */
export const BEFORE_CONNECT: readonly string[] = [
  "SEND\ndestination:/chat/message\n",
  "SEND\ndestination:/topic/matrix\n",
  "SEND\ndestination:/chat/topic/support\n",
  "SUBSCRIBE\nid:1\ndestination:/user/queue/messages\n",
  "SUBSCRIBE\nid:1\ndestination:/chat/topic/support\n",
  "SUBSCRIBE\nid:1\ndestination:/topic/**\n",
  "UNSUBSCRIBE\nid:1\n",
  "ACK\nid:1\n",
  "NACK\nid:1\n",
  "BEGIN\ntransaction:1\n",
  "COMMIT\ntransaction:1\n",
  "ABORT\ntransaction:1\n",
  "DISCONNECT\n",
];

/**
 * Requests, as the roles of the other table; `nobody` has no token. `E` is allowed, and shows nothing of the
 * conversation. `{taken}` is the owner's conversation, `{unknown}` an id that nothing has.
 */
export const HTTP_BY_ROLE = `
                                          nobody guest owner other   agent assignee joined supervisor admin   chat topics queues api
GET /api/conversations                      A      E     Y     E       Y      Y       Y        Y        Y      Y     F      F     Y
GET /api/conversations?customer={owner}     A      F     F     F       Y      Y       Y        Y        Y      Y     F      F     Y
GET /api/conversations/{taken}              A      N     Y     N       Y      Y       Y        Y        Y      Y     F      F     Y
HEAD /api/conversations/{taken}             A      N     Y     N       Y      Y       Y        Y        Y      Y     F      F     Y
GET /API/conversations/{taken}              A      N     Y     N       Y      Y       Y        Y        Y      Y     F      F     Y
GET /api/conversations/{unknown}            A      N     N     N       N      N       N        N        N      N     F      F     N
GET /api/conversations/..                   A      N     N     N       N      N       N        N        N      N     F      F     N
GET /api/conversations/*                    A      N     N     N       N      N       N        N        N      N     F      F     N
GET /api/conversations/{taken};a=b          A      N     N     N       N      N       N        N        N      N     F      F     N
GET /api/conversations/{taken}%00           A      N     N     N       N      N       N        N        N      N     F      F     N
GET /api/conversations/{taken}%2Fnotes      A      N     N     N       N      N       N        N        N      N     F      F     N
GET /api/conversations/%2e%2e               A      N     N     N       N      N       N        N        N      N     F      F     N
GET /api/conversations/{taken}/messages     A      N     Y     N       Y      Y       Y        Y        Y      Y     F      F     Y
HEAD /api/conversations/{taken}/messages    A      N     Y     N       Y      Y       Y        Y        Y      Y     F      F     Y
GET /api/conversations/{unknown}/messages   A      N     N     N       N      N       N        N        N      N     F      F     N
GET /api/conversations/{taken}/notes        A      F     F     F       Y      Y       Y        Y        Y      Y     F      F     F
HEAD /api/conversations/{taken}/notes       A      F     F     F       Y      Y       Y        Y        Y      Y     F      F     F
GET /api/conversations/{unknown}/notes      A      F     F     F       N      N       N        N        N      N     F      F     F
GET /api/customers                          A      F     F     F       Y      Y       Y        Y        Y      Y     F      F     Y
GET /api/customers?online                   A      F     F     F       Y      Y       Y        Y        Y      Y     F      F     Y
GET /api/search?text={text}                 A      F     F     F       Y      Y       Y        Y        Y      Y     F      F     Y
GET /api/canned-responses                   A      F     F     F       Y      Y       Y        Y        Y      Y     F      F     Y
DELETE /api/sessions/current                A      F     F     F       Y      Y       Y        Y        Y      F     F      F     F
GET /metrics through a proxy                A      X     X     X       X      X       X        X        Y      X     X      X     X
GET /METRICS through a proxy                A      X     X     X       X      X       X        X        Y      X     X      X     X
GET /metrics                                Y      Y     Y     Y       Y      Y       Y        Y        Y      Y     Y      Y     Y
POST /api/guests                            Y      Y     Y     Y       Y      Y       Y        Y        Y      Y     Y      Y     Y
POST /api/identify                          Y      Y     Y     Y       Y      Y       Y        Y        Y      Y     Y      Y     Y
POST /api/sessions                          Y      Y     Y     Y       Y      Y       Y        Y        Y      Y     Y      Y     Y
GET /healthz                                Y      Y     Y     Y       Y      Y       Y        Y        Y      Y     Y      Y     Y
GET /readyz                                 Y      Y     Y     Y       Y      Y       Y        Y        Y      Y     Y      Y     Y
GET /                                       Y      Y     Y     Y       Y      Y       Y        Y        Y      Y     Y      Y     Y
GET /agent                                  Y      Y     Y     Y       Y      Y       Y        Y        Y      Y     Y      Y     Y
GET /widget/panel                           Y      Y     Y     Y       Y      Y       Y        Y        Y      Y     Y      Y     Y
`;

/** Requests that are nothing, for everybody alike, with a token and without. */
export const HTTP_FOR_NOBODY = `
N  GET /api                                   N  GET /api/                                N  GET /api/unknown
N  GET /api/Conversations                     N  GET /api/CUSTOMERS                       N  GET /api/conversations/
N  GET /api//conversations                    N  GET //api/conversations                  N  GET /api/conversations//{taken}
N  GET /api/conversations/{taken}/            N  GET /api/conversations/{taken}/Notes     N  GET /api/conversations/{taken}/notes/
N  GET /api/conversations/{taken}/%6Eotes     N  GET /api/%63onversations                 N  GET /api%2Fconversations
N  GET /api/./conversations                   N  GET /api/x/../conversations              N  GET /api/conversations/{taken}/../../customers
N  GET /api/conversations/%2e%2e/customers    N  GET /api/conversations/{taken}/unknown   N  GET /api/customers.json
N  GET /api/customers/                        N  GET /api/customers/{owner}               N  GET /api/search/x
N  GET /api/sessions/Current                  N  GET /api/sessions/{owner}                N  GET /api/users
N  GET /api/admin                             N  GET /api/messages                        N  GET /api/notes
N  GET /admin                                 N  GET /admin.sock                          N  GET /data/secrets.json
N  GET /secrets.json                          N  GET /../package.json                     N  GET /%2e%2e/package.json
N  GET /panel.html                            N  GET /agent.html                          N  GET /.git/config
N  GET /metrics/x                             N  GET /conversations                       N  GET /user/queue/messages
M  POST /api/conversations                    M  PUT /api/conversations                   M  DELETE /api/conversations/{taken}
M  PATCH /api/conversations/{taken}           M  POST /api/conversations/{taken}/notes    M  PUT /api/conversations/{taken}/messages
M  POST /api/customers                        M  DELETE /api/customers                    M  PUT /api/canned-responses
M  DELETE /api/canned-responses               M  POST /api/search                         M  GET /api/guests
M  GET /api/identify                          M  GET /api/sessions                        M  DELETE /api/sessions
M  GET /api/sessions/current                  M  POST /api/sessions/current               M  OPTIONS /api/customers
T  GET /api/customers?token={token}           T  GET /api/customers?access_token={token}  T  GET /api/customers?authorization={token}
`;

/** An admin's token where tokens do not count. */
export const ELSEWHERE = `
A  in a cookie                A  as X-Authorization           A  as Proxy-Authorization
X  as Basic                   X  without a scheme             X  as Token
X  as Bearer, twice           X  as Bearer with a comma       A  in an empty Authorization
`;

/** `send` of a program that speaks for somebody, to somebody: the receivers are those of the other table. */
export const SENDS = `
                 support  themselves  an-agent  a-service  unknown  the-customer  one-who-waits
itself              R         R          R         R          K          C             Y
agent               R         R          R         R          K          C             Y
assignee            R         R          R         R          K          Y             Y
joined              R         R          R         R          K          Y             Y
supervisor          R         R          R         R          K          Y             Y
admin               R         R          R         R          K          Y             Y
chat                R         R          R         R          K          C             Y
topics              F         F          F         F          F          F             F
queues              F         F          F         F          F          F             F
api                 F         F          F         F          F          F             F
owner               S         S          S         S          S          S             S
guest               S         S          S         S          S          S             S
nobody              S         S          S         S          S          S             S
support             S         S          S         S          S          S             S
`;

/** `release` of a conversation. */
export const RELEASES = `
Y  its own     F  a colleague's     F  one that waits     N  unknown
`;

/** `publish` to a destination: what is general is the program's own, and nothing else. */
export const PUBLISHES = `
Y  /topic/matrix            Y  /topic/..%2Fchat%2Ftopic%2Fsupport   B  /topic/**              B  /topic/*
Y  /queue/matrix            U  /queue/reply-to/unknown              B  /queue/**              U  /temp-queue/matrix
D  /chat/topic/support      D  /chat/topic/notes                    D  /user/queue/messages   D  /user/queue/events
D  /user/queue/errors       U  /chat/message                        U  /chat/claim            U  /chat/note
`;
