/** What the contract says who may do, written by hand from it and from nothing in `src`: the oracle of the matrix. */

/** `Y` is allowed, and its effect is seen; every other letter is the code that is told, and nothing happens. */
export const CODES: Readonly<Record<string, string>> = {
  A: "AUTH_REQUIRED",
  B: "BAD_DESTINATION",
  C: "CONFLICT",
  D: "FORBIDDEN_DESTINATION",
  F: "FORBIDDEN",
  K: "UNKNOWN_USER",
  M: "METHOD_NOT_ALLOWED",
  N: "NOT_FOUND",
  R: "FORBIDDEN_RECEIVER",
  S: "FORBIDDEN_SENDER",
  T: "TOKEN_IN_URL",
  U: "UNKNOWN_DESTINATION",
  X: "AUTH_FAILED",
};

/**
 * Who asks. `guest` is new, `owner` the identified customer of the conversation, `other` an identified customer with
 * another one; `agent` has nothing to do with the conversation, `assignee` has it, `joined` is a supervisor who joined;
 * the last four are services with this one scope.
 *
 * What is asked: `taken` is a conversation that the assignee has and supervisors joined, `waiting` one that nobody has,
 * `unknown` an id that nothing and nobody has. The owner is asked from top to bottom about one and the same conversation:
 * who writes has read, and what is closed stays so.
 */
export const BY_ROLE = `
                                        guest owner other   agent assignee joined supervisor admin   chat topics queues api
SEND /chat/read taken                     N     Y     N       F      Y       Y        F        F      F     F      F     F
SEND /chat/typing taken                   N     Y     N       F      Y       Y        F        F      F     F      F     F
SEND /chat/message to support             Y     Y     Y       R      R       R        R        R      R     F      F     F
SEND /chat/message to themselves          R     R     R       R      R       R        R        R      R     F      F     F
SEND /chat/message to the assignee        R     Y     R       R      R       R        R        R      R     F      F     F
SEND /chat/message to an agent            R     R     R       R      R       R        R        R      R     F      F     F
SEND /chat/message to a service           R     R     R       R      R       R        R        R      R     F      F     F
SEND /chat/message to unknown             R     R     R       K      K       K        K        K      K     F      F     F
SEND /chat/message to the customer        R     R     R       C      Y       Y        Y        Y      C     F      F     F
SEND /chat/message to one who waits       R     R     R       Y      Y       Y        Y        Y      Y     F      F     F
SEND /chat/message as another             S     S     S       S      S       S        S        S      S     F      F     F
SEND /chat/invite to the customer         F     F     F       C      Y       Y        Y        Y      C     F      F     F
SEND /chat/invite to one who waits        F     F     F       Y      Y       Y        Y        Y      Y     F      F     F
SEND /chat/invite to an agent             F     F     F       R      R       R        R        R      R     F      F     F
SEND /chat/claim waiting                  F     F     F       Y      Y       Y        Y        Y      Y     F      F     F
SEND /chat/claim taken                    F     F     F       C      Y       C        C        C      C     F      F     F
SEND /chat/claim unknown                  F     F     F       N      N       N        N        N      N     F      F     F
SEND /chat/release taken                  F     F     F       F      Y       Y        Y        Y      F     F      F     F
SEND /chat/transfer taken                 F     F     F       F      Y       Y        Y        Y      F     F      F     F
SEND /chat/history taken                  N     Y     N       Y      Y       Y        Y        Y      Y     F      F     Y
SEND /chat/history unknown                N     N     N       N      N       N        N        N      N     F      F     N
SEND /chat/note taken                     F     F     F       Y      Y       Y        Y        Y      Y     F      F     F
SEND /chat/note unknown                   F     F     F       N      N       N        N        N      N     F      F     F
SEND /chat/close unknown                  N     N     N       N      N       N        N        N      N     F      F     F
SEND /chat/close taken                    N     Y     N       F      Y       Y        Y        Y      F     F      F     F
SEND /chat/status                         F     F     F       Y      Y       Y        Y        Y      F     F      F     F
SEND /chat/page                           Y     Y     Y       F      F       F        F        F      F     F      F     F
SEND /chat/save-canned-response           F     F     F       Y      Y       Y        Y        Y      Y     F      F     F
SEND /chat/delete-canned-response         F     F     F       Y      Y       Y        Y        Y      Y     F      F     F
SEND /chat/block one who waits            F     F     F       Y      Y       Y        Y        Y      Y     F      F     F
SEND /chat/block an agent                 F     F     F       R      R       R        R        R      R     F      F     F
SEND /chat/unblock an agent               F     F     F       R      R       R        R        R      R     F      F     F
SEND /chat/unblock unknown                F     F     F       K      K       K        K        K      K     F      F     F

SEND /topic/matrix                        D     D     D       Y      Y       Y        Y        Y      D     Y      D     D
SEND /topic/..%2Fchat%2Ftopic%2Fsupport   D     D     D       Y      Y       Y        Y        Y      D     Y      D     D
SEND /topic/user/{victim}                 D     D     D       Y      Y       Y        Y        Y      D     Y      D     D
SEND /topic/**                            D     D     D       B      B       B        B        B      D     B      D     D
SEND /queue/matrix                        D     D     D       Y      Y       Y        Y        Y      D     D      Y     D
SEND /queue/messages-user{session}        D     D     D       Y      Y       Y        Y        Y      D     D      Y     D
SEND /queue/**                            D     D     D       B      B       B        B        B      D     D      B     D
SEND /queue/reply-to/unknown              D     D     D       U      U       U        U        U      D     D      U     D
SEND /temp-queue/matrix                   U     U     U       U      U       U        U        U      U     U      U     U
SEND /chat/topic/support                  D     D     D       D      D       D        D        D      D     D      D     D
SEND /chat/topic/notes                    D     D     D       D      D       D        D        D      D     D      D     D
SEND /user/queue/messages                 D     D     D       D      D       D        D        D      D     D      D     D
SEND /user/queue/events                   D     D     D       D      D       D        D        D      D     D      D     D
SEND /user/queue/errors                   D     D     D       D      D       D        D        D      D     D      D     D

SUBSCRIBE /user/queue/messages            Y     Y     Y       Y      Y       Y        Y        Y      Y     Y      Y     Y
SUBSCRIBE /user/queue/events              Y     Y     Y       Y      Y       Y        Y        Y      Y     Y      Y     Y
SUBSCRIBE /user/queue/errors              Y     Y     Y       Y      Y       Y        Y        Y      Y     Y      Y     Y
SUBSCRIBE /chat/topic/support             D     D     D       Y      Y       Y        Y        Y      Y     D      D     D
SUBSCRIBE /chat/topic/notes               D     D     D       Y      Y       Y        Y        Y      Y     D      D     D
SUBSCRIBE /topic/{cell}                   D     D     D       Y      Y       Y        Y        Y      D     Y      D     D
SUBSCRIBE /topic/*                        D     D     D       Y      Y       Y        Y        Y      D     Y      D     D
SUBSCRIBE /topic/**                       D     D     D       Y      Y       Y        Y        Y      D     Y      D     D
SUBSCRIBE /topic/a*                       D     D     D       B      B       B        B        B      D     B      D     D
SUBSCRIBE /queue/{cell}                   D     D     D       Y      Y       Y        Y        Y      D     D      Y     D
SUBSCRIBE /queue/**                       D     D     D       B      B       B        B        B      D     D      B     D
SUBSCRIBE /queue/reply-to/{victim}        D     D     D       D      D       D        D        D      D     D      D     D
SUBSCRIBE /temp-queue/{cell}              U     U     U       Y      Y       Y        Y        Y      U     U      Y     U
SUBSCRIBE /chat/message                   U     U     U       U      U       U        U        U      U     U      U     U
SUBSCRIBE /chat/claim                     U     U     U       U      U       U        U        U      U     U      U     U
`;

/**
 * Other ways to write a destination, for everybody alike: SEND and SUBSCRIBE are told the same. `{victim}` is another
 * customer's id, `{session}` that customer's session. A space at either end is written `{space}`.
 */
export const SPELLINGS = `
B  /                                  B  /user/queue/messages/              B  /chat/message/
B  //user/queue/messages              B  /user//queue/messages              B  /user/queue//messages
B  /user/./queue/messages             B  /user/../user/queue/messages       B  /user/{victim}/../queue/messages
B  /chat/topic/../message             B  /./chat/message                    B  /chat/message/..
B  //chat/message                     B  /chat//message                     B  /chat/topic/support/
B  /chat//topic/support               B  /chat/topic/./support              B  /chat/./topic/support
B  /topic/                            B  /topic//a                          B  /topic/../user/queue/messages
B  /queue/                            B  /queue/../user/queue/messages      B  /queue/./a
B  {space}/chat/message               B  /chat/message{space}               B  /chat/mess{space}age
B  /user/queue/messages{space}        B  /user/queue{space}/messages        B  /user/queue/messages\\n
B  /user/queue/messages\\r            B  /user/queue/messages\\n/x          B  /user/queue\uff0fmessages
B  /\uff55ser/queue/messages          B  /user/queue/m\u0435ssages          B  /chat/m\u0435ssage
B  /chat/topic/\u0455upport           B  /user/queue/messages\u200b         B  \ufeff/user/queue/messages
B  /u\u017fer/queue/messages          B  /user/queue/messages\u0301         B  /chat/{long}
U  /USER/queue/messages               U  /User/queue/messages               D  /user/Queue/messages
D  /user/queue/Messages               D  /user/QUEUE/MESSAGES               U  /CHAT/message
U  /chat/Message                      U  /chat/MESSAGE                      U  /Chat/topic/support
U  /chat/Topic/support                D  /chat/topic/Support                D  /chat/topic/SUPPORT
U  /TOPIC/a                           U  /Queue/a                           U  /Temp-queue/a
D  /user/queue                        D  /user/queue/notes                  D  /user/messages
D  /user/{victim}                     D  /user/{victim}/queue/messages      D  /user/{victim}/queue/events
D  /user/{victim}/queue/errors        D  /user/{victim}/messages            D  /user/queue/{victim}
D  /user/queue/messages/{victim}      D  /user/queue/messages-{victim}      D  /user/queue/messages-user{session}
D  /user/{session}/queue/messages     D  /user/agent/queue/messages         D  /user/support/queue/messages
D  /user/queue/messages?to={victim}   D  /user/queue/messages;a={victim}    D  /user/queue/messages#{victim}
D  /user/queue/*                      D  /user/queue/**                     D  /user/**
D  /user/*/queue/messages             D  /user/queue/>                      D  /user/queue/#
U  /*                                 U  /**                                U  *
U  **                                 U  >                                  U  #
U  /chat/*                            U  /chat/**                           D  /chat/topic/*
D  /chat/topic/**                     D  /chat/topic/support/*              U  /*/queue/messages
U  /%75ser/queue/messages             U  /user%2Fqueue%2Fmessages           U  %2Fuser%2Fqueue%2Fmessages
D  /user/queue%2Fmessages             D  /user/%2e%2e/queue/messages        D  /user/%2E%2E%2Fqueue/messages
D  /user/queue/messages%00            D  /user/queue/messages%20            D  /user/queue/%6Dessages
U  /chat%2Fmessage                    U  /chat/%6Dessage                    U  /chat/message%00
U  /chat/topic%2Fsupport              D  /chat/topic/%73upport              D  /chat/topic/support%2F
U  /user\\c/queue/messages            D  /user/queue\\c/messages            D  /user/queue/messages\\c
U  /chat/message\\c                   U  /chat\\c/message                   D  /chat/topic/support\\c
U  \\c/user/queue/messages            D  /user/queue\\\\messages            U  /user\\\\queue\\\\messages
U  user/queue/messages                U  chat/message                       U  chat/topic/support
U  topic/a                            U  queue/a                            U  messages
U  /user                              U  /chat                              U  /chat/topic
U  /topic                             U  /queue                             U  /temp-queue
U  /users/queue/messages              U  /user-queue/messages               U  /userqueue/messages
U  /topics/a                          U  /queues/a                          U  /topic-a
U  /chat/topics/support               U  /chat/topicsupport                 U  /chats/message
D  /chat/topic/unknown                D  /chat/topic/support/x              D  /chat/topic/supports
U  /chat/unknown                      U  /chat/messages                     U  /chat/message/x
U  /chat/message.json                 U  /chat/message?a=1                  U  /chat/message;a=1
U  /chat/message#a                    U  /message                           U  /app/chat/message
U  /exchange/amq.topic/a              U  /amq/queue/a                       U  /temp-topic/a
U  /reply-queue/a                     U  /remote-temp-queue/a               U  /dsub/a
U  __proto__                          U  /__proto__                         U  /chat/__proto__
U  constructor                        U  toString                           D  /user/queue/__proto__
`;
