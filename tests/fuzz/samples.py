"""Valid documents of Finesse, from which inputs are made by mutation."""

from __future__ import annotations

USER = (
    "<User><dialogs>/finesse/api/User/1001/Dialogs</dialogs><extension>4501</extension><firstName>Ada</firstName>"
    "<lastName>Okoro</lastName><loginId>1001</loginId><loginName>ada</loginName><mediaType>1</mediaType>"
    "<pendingState></pendingState><reasonCode><category>NOT_READY</category><code>41</code><forAll>true</forAll>"
    "<id>23</id><label>Lunch</label><uri>/finesse/api/ReasonCode/23</uri></reasonCode><reasonCodeId>23</reasonCodeId>"
    "<roles><role>Agent</role><role>Supervisor</role></roles><settings><wrapUpOnIncoming>OPTIONAL</wrapUpOnIncoming>"
    "</settings><state>NOT_READY</state><stateChangeTime>2026-11-22T12:00:00.000Z</stateChangeTime>"
    "<teamId>310</teamId><teamName>North</teamName><teams><Team><id>310</id><name>North</name>"
    "<uri>/finesse/api/Team/310</uri></Team></teams><uri>/finesse/api/User/1001</uri></User>"
)
DIALOG = (
    "<Dialog><associatedDialogUri></associatedDialogUri><fromAddress>+49301234</fromAddress><id>331</id>"
    "<mediaProperties><mediaId>1</mediaId><DNIS>8800</DNIS><callType>ACD_IN</callType><dialedNumber>8800</dialedNumber>"
    "<outboundClassification></outboundClassification><queueNumber>5</queueNumber><queueName>North.Sales</queueName>"
    "<callKeyCallId>7</callKeyCallId><wrapUpReason>Sale</wrapUpReason><wrapUpItems><wrapUpItem>Sale</wrapUpItem>"
    "</wrapUpItems><callvariables><CallVariable><name>callVariable1</name><value>gold</value></CallVariable>"
    "<CallVariable><name>user.order[0]</name><value>17</value></CallVariable></callvariables></mediaProperties>"
    "<mediaType>Voice</mediaType><participants><Participant><actions><action>HOLD</action><action>DROP</action>"
    "<action>UPDATE_CALL_DATA</action><action>TRANSFER_SST</action></actions><mediaAddress>4501</mediaAddress>"
    "<mediaAddressType>AGENT_DEVICE</mediaAddressType><startTime>2026-11-22T12:00:00.000Z</startTime>"
    "<state>ACTIVE</state><stateCause></stateCause><stateChangeTime>2026-11-22T12:00:05.000Z</stateChangeTime>"
    "</Participant><Participant><actions></actions><mediaAddress>+49301234</mediaAddress><state>ACTIVE</state>"
    "</Participant></participants><secondaryId>332</secondaryId><state>ACTIVE</state><toAddress>8800</toAddress>"
    "<scheduledCallbackInfo><callbackTime>2026-11-23T10:00</callbackTime><callbackNumber>4711</callbackNumber>"
    "</scheduledCallbackInfo><uri>/finesse/api/Dialog/331</uri></Dialog>"
)
TASK = (
    "<Dialog><id>152201_88_1</id><mediaType>Chat_MRD</mediaType><state>OFFERED</state><mediaProperties>"
    "<mediaId>5001</mediaId><callvariables><CallVariable><name>callVariable2</name><value>web</value></CallVariable>"
    "</callvariables></mediaProperties><participants><Participant><actions><action>ACCEPT</action></actions>"
    "<mediaAddress>1001</mediaAddress><mediaAddressType>AGENT</mediaAddressType><state>OFFERED</state></Participant>"
    "</participants><uri>/finesse/api/Dialog/152201_88_1</uri></Dialog>"
)
QUEUE = (
    "<Queue><id>1</id><name>North.Sales</name><statistics><agentsBusyOther>0</agentsBusyOther>"
    "<agentsLoggedOn>2</agentsLoggedOn><agentsNotReady>1</agentsNotReady><agentsReady>1</agentsReady>"
    "<agentsTalkingInbound>0</agentsTalkingInbound><callsInQueue>3</callsInQueue>"
    "<startTimeOfLongestCallInQueue>2026-11-22T12:00:00.000Z</startTimeOfLongestCallInQueue></statistics>"
    "<uri>/finesse/api/Queue/1</uri></Queue>"
)
TEAM = (
    "<Team><id>310</id><name>North</name><uri>/finesse/api/Team/310</uri><users><User><loginId>1002</loginId>"
    "<firstName>Ben</firstName><lastName>Ito</lastName><state>READY</state><extension>4502</extension>"
    "<stateChangeTime>2026-11-22T12:00:00.000Z</stateChangeTime><uri>/finesse/api/User/1002</uri></User></users></Team>"
)
MEDIA = (
    "<Media><id>5001</id><name>Chat_MRD</name><state>READY</state><reasonCodeId>-1</reasonCodeId>"
    "<maxDialogLimit>5</maxDialogLimit><interruptAction>ACCEPT</interruptAction><routable>true</routable>"
    "<stateChangeTime>2026-11-22T12:00:00.000Z</stateChangeTime><uri>/finesse/api/User/1001/Media/5001</uri></Media>"
)
MESSAGE = (
    "<TeamMessage><id>12</id><uri>/finesse/api/TeamMessage/12</uri><createdBy><id>1000</id><firstName>Dana</firstName>"
    "<lastName>Kim</lastName></createdBy><createdAt>1795348800</createdAt><duration>600</duration>"
    "<content>Please log out</content><teams><team>310</team></teams></TeamMessage>"
)
SYSTEM_INFO = (
    "<SystemInfo><currentTimestamp>2026-11-22T12:00:00.000Z</currentTimestamp><deploymentType>UCCE</deploymentType>"
    "<primaryNode><host>fin-a.example.test</host></primaryNode><secondaryNode><host>fin-b.example.test</host>"
    "</secondaryNode><status>IN_SERVICE</status><statusReason></statusReason><systemAuthMode>NON_SSO</systemAuthMode>"
    "<timezoneOffset>0</timezoneOffset><xmppDomain>fin.example.test</xmppDomain><xmppPubSubDomain>pubsub.fin.example.test"
    "</xmppPubSubDomain><uri>/finesse/api/SystemInfo</uri></SystemInfo>"
)
API_ERRORS = (
    "<ApiErrors><ApiError><ErrorData>12004</ErrorData><ErrorMessage>CF_INVALID_CALL_STATE</ErrorMessage>"
    "<ErrorType>Invalid State</ErrorType><ErrorMedia>5001</ErrorMedia><peripheralErrorCode>20999</peripheralErrorCode>"
    "<peripheralErrorMsg>E_CTI</peripheralErrorMsg><peripheralErrorText>Refused</peripheralErrorText></ApiError>"
    "<ApiError><ErrorType>Authorization Failure</ErrorType></ApiError></ApiErrors>"
)
OBJECTS = (USER, DIALOG, TASK, QUEUE, TEAM, MEDIA, MESSAGE, SYSTEM_INFO, API_ERRORS)


def update(data: str, source: str, event: str = "PUT") -> str:
    """Return a notification."""
    return (
        f"<Update><data>{data}</data><event>{event}</event><requestId>r-1</requestId>"
        f"<source>{source}</source></Update>"
    )


def notified(document: str) -> str:
    """Return an object as notifications write it: its name begins in lower case."""
    name = document[1 : document.index(">")]
    lower = name[0].lower() + name[1:]
    return f"<{lower}{document[len(name) + 1 : -len(name) - 1]}{lower}>"


UPDATES = (
    update(notified(USER), "/finesse/api/User/1001"),
    update(f"<dialogs>{DIALOG}</dialogs>", "/finesse/api/User/1001/Dialogs", "POST"),
    update(notified(DIALOG), "/finesse/api/Dialog/331"),
    update(notified(TASK), "/finesse/api/Dialog/152201_88_1"),
    update(f"<dialogs>{TASK}</dialogs>", "/finesse/api/User/1001/Dialogs/Media", "DELETE"),
    update(notified(QUEUE), "/finesse/api/Queue/1"),
    update(f"<queues>{QUEUE}</queues>", "/finesse/api/User/1001/Queues", "POST"),
    update(notified(TEAM), "/finesse/api/Team/310/Users"),
    update(notified(MEDIA), "/finesse/api/User/1001/Media/5001"),
    update(notified(MESSAGE), "/finesse/api/TeamMessages", "POST"),
    update(notified(SYSTEM_INFO), "/finesse/api/SystemInfo"),
    update(notified(API_ERRORS), "/finesse/api/Dialog/331"),
    update("<odd><a><b>1</b></a></odd>", "/finesse/api/Odd/1"),
)
