/**
 * The data that the server sends. See snapshot.py and journal.py.
 *
 * @typedef {{address: string, agent: string, name: string, state: string, since: number, cause: string,
 *   actions: string[]}} Participant
 * @typedef {{id: string, name: string, team: string, supervises: string[], extension: string,
 *   usual_extension: string, state: string, pending: string, reason: string, since: number | null,
 *   calls: string[], tasks: string[], media: Record<string, string>, streams: number, frozen: number}} Agent
 * @typedef {{id: string, name: string}} Team
 * @typedef {{id: string, name: string, number: string, waiting: number, longest: number | null, ready: number,
 *   signed_in: number}} Queue
 * @typedef {{id: string, state: string, type: string, from: string, to: string, queue: string, waiting: boolean,
 *   since: number, reservation: boolean, monitors: string, tones: string, variables: Record<string, string>,
 *   participants: Participant[]}} Call
 * @typedef {{id: string, campaign: string, number: string, agent: string, status: string}} Contact
 * @typedef {{number: string, id: string, media: string, media_id: string, agent: string, state: string,
 *   since: number, actions: string[], variables: Record<string, string>, selectors: string[]}} Task
 * @typedef {{domain: string, url: string, running: boolean, in_service: boolean, reason: string,
 *   rest_stopped: boolean, notifications_stopped: boolean, cti_lost: boolean, sessions: number, silent: boolean,
 *   drop_request_id: boolean, event_delay: number, response_delay: number, waiting_faults: string[]}} FinesseNode
 * @typedef {{cti: string, outcome_delay: number}} System
 * @typedef {{platform: string, campaigns: {name: string, mode: string, agents: string[]}[],
 *   media: {id: string, name: string}[], reasons: {id: string, category: string, label: string}[],
 *   lines: Record<string, string>}} Options
 *
 * @typedef {object} State
 * @property {Record<string, Options>} options
 * @property {Record<string, Team>} teams
 * @property {Record<string, Agent>} agents
 * @property {Record<string, Queue>} queues
 * @property {Record<string, Call>} calls
 * @property {Record<string, Contact>} contacts
 * @property {Record<string, Task>} tasks
 * @property {Record<string, FinesseNode>} nodes
 * @property {Record<string, System>} system
 *
 * @typedef {{id: number, at: number, kind: string, source: string, target: string, title: string, detail: string,
 *   node: string, agent: string, request_id: string, failed: boolean, xml: string}} Entry
 */

export {};
