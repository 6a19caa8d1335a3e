"""XMPP and XEP-0060 as used by Finesse: stanzas, IQs, pubsub, presence and feeds."""
