"""XMPP and XEP-0060 as Finesse uses them: stanzas, IQs, pubsub, presence, feeds."""
