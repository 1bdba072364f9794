/** What the contract says of browsers' requests: who may come in where, and which headers let a page read the answer. */

/** The one site on the list, and the PUBLIC_URL of the server that has one. */
export const LISTED = "https://shop.example";
export const PUBLIC_URL = "https://chat.example";

/**
 * Headers of a request; what they say to a server without PUBLIC_URL, and to one with it: `Y` comes from a page that
 * may, `N` from one that may not, `-` from no page, `H` from a page of another site that does not say which. `{host}`
 * and `{port}` are the server's.
 */
export const SPELLINGS = `
Y Y  Origin: https://shop.example
Y N  Origin: http://{host}
N Y  Origin: https://chat.example
N N  Origin: https://evil.test
N N  Origin: http://shop.example
N N  Origin: ws://shop.example
N N  Origin: shop.example
N N  Origin: //shop.example
N N  Origin: https://shop.example:443
N N  Origin: https://shop.example:8443
N N  Origin: https://shop.example:
N N  Origin: https://shop.example/
N N  Origin: https://shop.example/path
N N  Origin: https://shop.example?x
N N  Origin: https://shop.example#x
N N  Origin: https://shop.example.
N N  Origin: https://SHOP.example
N N  Origin: HTTPS://shop.example
N N  Origin: https://shop.example.evil.test
N N  Origin: https://evilshop.example
N N  Origin: https://evil.shop.example
N N  Origin: https://example
N N  Origin: https://shop.example@evil.test
N N  Origin: https://evil.test@shop.example
N N  Origin: https://evil.test/https://shop.example
N N  Origin: https://shop.example\\.evil.test
N N  Origin: https://shop%2Eexample
N N  Origin: https://shöp.example
N N  Origin: https://xn--shp-sna.example
N N  Origin: https://shop.exаmple
N N  Origin: https://shop.example\u200b
N N  Origin: null
N N  Origin: undefined
N N  Origin: *
N N  Origin:
N N  Origin: file://
N N  Origin: chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba
N N  Origin: https://shop.example, https://evil.test
N N  Origin: https://evil.test, https://shop.example
N N  Origin: https://shop.example https://evil.test
N N  Origin: https://shop.example | Origin: https://evil.test
N N  Origin: https://evil.test | Origin: https://shop.example
N N  Origin: https://shop.example | Origin: https://shop.example
N N  Origin: https://evil.test | Referer: https://shop.example/
N N  Origin: https://evil.test | Sec-WebSocket-Origin: https://shop.example
N N  Origin: https://evil.test | Sec-Fetch-Site: same-origin
N N  Origin: https://evil.test | Host: shop.example
N N  Origin: https://{host}
N N  Origin: http://localhost:{port}
N N  Origin: http://127.0.0.1
N N  Origin: http://127.0.0.2:{port}
N N  Origin: http://evil.test | X-Forwarded-Host: evil.test
N N  Origin: http://evil.test | Forwarded: host=evil.test;proto=http
N N  Origin: https://evil.test | Host: evil.test
N N  Origin: http://evil.test | Host: evil.test:{port}
N N  Origin: http://{host} | Host: evil.test:{port}
Y N  Origin: http://evil.test:{port} | Host: evil.test:{port}
- -
- -  Referer: https://evil.test/page
- -  Sec-Fetch-Site: same-origin | Sec-Fetch-Mode: cors
- -  Sec-Fetch-Site: none | Sec-Fetch-Mode: navigate
H H  Sec-Fetch-Site: cross-site | Sec-Fetch-Mode: no-cors
H H  Sec-Fetch-Site: cross-site | Sec-Fetch-Mode: navigate
H H  Sec-Fetch-Site: same-site | Sec-Fetch-Mode: no-cors
`;

/**
 * Requests and upgrades (`WS`), with the status of what the Origin does not forbid. `{new}` is a session of SockJS that
 * is none yet, `{open}` one that somebody else has. A page that may not is told 403 `ORIGIN_NOT_ALLOWED`, everywhere.
 */
export const DOORS = `
WS /chat                              101
WS /chat/                             101
WS /chat/websocket                    101
WS /chat/0/{new}/websocket            101
GET /chat                             200
GET /chat/info                        200
GET /chat/websocket                   400
GET /chat/0/{new}/websocket           400
POST /chat/0/{new}/xhr                200
POST /chat/0/{new}/xhr_streaming      200
GET /chat/0/{new}/eventsource         200
POST /chat/0/{new}/xhr_send           404
POST /chat/0/{open}/xhr_send          204
GET /chat/0/{new}/jsonp?c=x           404
POST /chat/0/{new}/jsonp_send         404
GET /chat/0/{new}/htmlfile?c=x        404
GET /chat/iframe.html                 404
GET /chat/iframe-1.6.1.html           404
POST /api/guests                      201
POST /api/identify                    401
POST /api/sessions                    401
DELETE /api/sessions/current          401
GET /api/connection-check             200
GET /api/conversations                200
GET /api/conversations/:id            404
GET /api/conversations/:id/messages   404
GET /api/conversations/:id/notes      404
GET /api/customers                    200
GET /api/search                       400
GET /api/canned-responses             200
GET /api/unknown                      404
`;

/** Pages, and what is no page's: whoever comes is answered, and no page of another site may read it. */
export const PAGES = `
GET /                   GET /agent       GET /connection-check   GET /widget.js
GET /widget/panel       GET /healthz     GET /readyz             GET /metrics
`;

/** What a page on the list is told before it asks with this method and a header of its own. */
export const PREFLIGHTS = `
/chat/info                      GET     OPTIONS, GET       content-type
/chat/0/{new}/xhr               POST    OPTIONS, POST      content-type
/chat/0/{new}/xhr_streaming     POST    OPTIONS, POST      content-type
/chat/0/{new}/xhr_send          POST    OPTIONS, POST      content-type
/api/guests                     POST    GET, POST, DELETE  authorization, content-type
/api/identify                   POST    GET, POST, DELETE  authorization, content-type
/api/sessions                   POST    GET, POST, DELETE  authorization, content-type
/api/sessions/current           DELETE  GET, POST, DELETE  authorization, content-type
/api/conversations              GET     GET, POST, DELETE  authorization, content-type
`;

/** Nobody's, however they are called: a cookie says nothing here. */
export const COOKIES = `
JSESSIONID=dummy
JSESSIONID={token}
token={token}
cc_token={token}
customer-chat={token}
Authorization=Bearer {token}
passcode={token}; login=anna
session={token}; access_token={token}
__Host-session={token}
__proto__=x; constructor=y; =z; broken
`;
