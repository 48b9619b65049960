// The one table of every configuration key.
#include "app/settings/settings.hpp"

namespace seendr::app {

namespace {

// A line a key, however long: it is read as a table.
// clang-format off
constexpr Key kTable[] = {
    {.name = "server.host", .kind = Kind::text, .fallback = "127.0.0.1", .help = "Address to listen on."},
    {.name = "server.port", .kind = Kind::integer, .fallback = "8080", .help = "Port to listen on; 0 takes a free one.", .max = 65535},
    {.name = "server.instances", .kind = Kind::integer, .fallback = "0", .help = "Event loops, one a thread; 0 means one a core.", .max = 256},
    {.name = "server.data_dir", .kind = Kind::path, .fallback = "", .help = "Directory of the managed services; default: seendr under the XDG state directory, for root /var/lib/seendr."},
    {.name = "server.worker", .kind = Kind::boolean, .fallback = "true", .help = "Run a task worker and the scheduler inside serve."},
    {.name = "server.share_port", .kind = Kind::boolean, .fallback = "false", .help = "Let several processes listen on the same port."},
    {.name = "server.drain_ms", .kind = Kind::integer, .fallback = "20000", .help = "How long a drain may take; sockets go over its first four fifths, each at a moment of its own.", .max = 600'000},
    {.name = "server.name", .kind = Kind::text, .fallback = "", .help = "Who hosts this server, shown at the foot of the page."},
    {.name = "server.public_url", .kind = Kind::text, .fallback = "", .help = "Where people reach this server, for links in mails, like https://meet.example.org; default: the address it listens on."},
    {.name = "server.time_zone", .kind = Kind::text, .fallback = "UTC", .help = "Zone in which days and hours are counted."},
    {.name = "server.managed", .kind = Kind::boolean, .fallback = "true", .help = "Start Redis and PostgreSQL when no URL is configured."},

    {.name = "log.format", .kind = Kind::choice, .fallback = "auto", .help = "auto: human on a terminal, JSON otherwise.", .choices = "auto human json"},
    {.name = "log.level", .kind = Kind::choice, .fallback = "info", .help = "The least level that is written.", .choices = "debug info warn error"},

    {.name = "redis.url", .kind = Kind::redis_url, .fallback = "", .help = "The state Redis (noeviction): redis://, rediss:// or unix:///path[?db=N].", .alias = "REDIS_URL"},
    {.name = "redis.cache_url", .kind = Kind::redis_url, .fallback = "", .help = "The cache Redis (allkeys-lru); default: the state Redis.", .alias = "CACHE_URL"},
    {.name = "redis.allow_eviction", .kind = Kind::boolean, .fallback = "false", .help = "Start although the state Redis may evict keys."},
    {.name = "redis.command_timeout_ms", .kind = Kind::integer, .fallback = "5000", .help = "Deadline of a command.", .min = 10, .max = 600'000},
    {.name = "redis.queue_limit", .kind = Kind::integer, .fallback = "16384", .help = "Commands waiting or under way on one connection.", .min = 16},
    {.name = "redis.tls_ca_file", .kind = Kind::path, .fallback = "", .help = "Certificates to trust for rediss://; default: the system's."},

    {.name = "database.url", .kind = Kind::postgres_url, .fallback = "", .help = "PostgreSQL: any libpq connection URI.", .alias = "DATABASE_URL"},
    {.name = "database.threads", .kind = Kind::integer, .fallback = "4", .help = "Connections, each with a thread.", .min = 1, .max = 64},
    {.name = "database.queue_limit", .kind = Kind::integer, .fallback = "4096", .help = "Transactions waiting at once.", .min = 1},
    {.name = "database.wait_ms", .kind = Kind::integer, .fallback = "5000", .help = "How long a transaction may wait for a connection.", .min = 10},
    {.name = "database.statement_timeout_ms", .kind = Kind::integer, .fallback = "5000", .help = "How long a statement may run.", .min = 10},

    {.name = "http.tls_cert", .kind = Kind::path, .fallback = "", .help = "Certificate chain in PEM; turns TLS on together with http.tls_key."},
    {.name = "http.tls_key", .kind = Kind::path, .fallback = "", .help = "Private key in PEM."},
    {.name = "http.trusted_proxies", .kind = Kind::list, .fallback = "", .help = "Networks (CIDR) whose X-Forwarded-For and X-Forwarded-Proto are believed."},
    {.name = "http.allowed_origins", .kind = Kind::list, .fallback = "", .help = "Origins besides the server's own that may use it from a browser."},
    {.name = "http.ops_networks", .kind = Kind::list, .fallback = "", .help = "Networks besides loopback that may read /metrics and the reasons of /readyz."},
    {.name = "http.header_timeout_ms", .kind = Kind::integer, .fallback = "10000", .help = "Deadline for the header of a request.", .min = 10},
    {.name = "http.body_timeout_ms", .kind = Kind::integer, .fallback = "30000", .help = "Deadline for the body of a request.", .min = 10},
    {.name = "http.idle_timeout_ms", .kind = Kind::integer, .fallback = "60000", .help = "How long a connection may wait for its next request.", .min = 10},

    {.name = "socket.ping_ms", .kind = Kind::integer, .fallback = "25000", .help = "WebSocket ping interval; postponed while data flows.", .min = 100},
    {.name = "socket.pong_ms", .kind = Kind::integer, .fallback = "10000", .help = "How long a pong may take (close 4001).", .min = 100},
    {.name = "socket.hello_ms", .kind = Kind::integer, .fallback = "5000", .help = "How long the first frame may take (close 4502).", .min = 100},
    {.name = "socket.queue_bytes", .kind = Kind::integer, .fallback = "1048576", .help = "Outgoing bytes waiting on one socket (then close 4008).", .min = 65536},

    {.name = "auth.session_ttl_s", .kind = Kind::integer, .fallback = "1209600", .help = "A session ends after this long without use.", .min = 60},
    {.name = "auth.session_max_s", .kind = Kind::integer, .fallback = "7776000", .help = "A session ends this long after sign-in, however often it is used.", .min = 60},
    {.name = "auth.session_check_s", .kind = Kind::integer, .fallback = "60", .help = "Sockets whose session has ended are found this often, give or take a quarter.", .min = 1, .max = 3600},
    {.name = "auth.ticket_ttl_s", .kind = Kind::integer, .fallback = "30", .help = "A WebSocket ticket is good for this long, once.", .min = 1, .max = 3600},
    {.name = "auth.hash_memory_kib", .kind = Kind::integer, .fallback = "65536", .help = "Memory of one Argon2id password hash.", .min = 8192, .max = 4'194'304},
    {.name = "auth.hash_passes", .kind = Kind::integer, .fallback = "2", .help = "Passes of one Argon2id password hash.", .min = 1, .max = 100},
    {.name = "auth.hash_threads", .kind = Kind::integer, .fallback = "2", .help = "Password hashes under way at once.", .min = 1, .max = 64},

    {.name = "limits.matching", .kind = Kind::limit, .fallback = "10/60s", .help = "Searches of one person, WebSocket and HTTP together."},
    {.name = "limits.sign_in_account", .kind = Kind::limit, .fallback = "5/60s", .help = "Sign-in attempts on one account."},
    {.name = "limits.sign_in_address", .kind = Kind::limit, .fallback = "10/60s", .help = "Sign-in attempts from one address."},
    {.name = "limits.register_address", .kind = Kind::limit, .fallback = "5/3600s", .help = "Registrations from one address."},
    {.name = "limits.guest_address", .kind = Kind::limit, .fallback = "30/3600s", .help = "Guests from one address."},
    {.name = "limits.reset_account", .kind = Kind::limit, .fallback = "3/3600s", .help = "Mails with a link that somebody asks for, to one account; what is beyond is not sent."},
    {.name = "limits.reset_address", .kind = Kind::limit, .fallback = "10/3600s", .help = "Requests for a new password, and uses of a link, from one address."},
    {.name = "limits.reports", .kind = Kind::limit, .fallback = "10/3600s", .help = "Reports of one person."},
    {.name = "limits.export", .kind = Kind::limit, .fallback = "10/3600s", .help = "Times that one person asks for all that is held about them."},
    {.name = "limits.avatar", .kind = Kind::limit, .fallback = "10/3600s", .help = "Pictures that one person sends."},
    {.name = "limits.redis_timeout_ms", .kind = Kind::integer, .fallback = "250", .help = "How long a call waits to be counted in Redis; after that, and while Redis is away, each process counts alone.", .min = 10, .max = 60'000},
    {.name = "limits.chat", .kind = Kind::limit, .fallback = "30/10s", .help = "Chat messages of one connection."},
    {.name = "limits.frames_connection", .kind = Kind::limit, .fallback = "60/2s", .help = "Frames of one connection."},
    {.name = "limits.connections_address", .kind = Kind::limit, .fallback = "200", .help = "Connections from one address to one process."},
    {.name = "limits.connections_user", .kind = Kind::limit, .fallback = "10", .help = "WebSockets of one person in one process."},

    {.name = "avatars.max_bytes", .kind = Kind::integer, .fallback = "5242880", .help = "Bytes of a picture that somebody sends.", .min = 1024, .max = 67'108'864},
    {.name = "avatars.max_pixels", .kind = Kind::integer, .fallback = "40000000", .help = "Its pixels, width by height; decoding it may take 10 bytes for each.", .min = 1, .max = 200'000'000},

    {.name = "mail.host", .kind = Kind::text, .fallback = "", .help = "Mail server (SMTP); without it mails are written to mail.outbox_dir."},
    {.name = "mail.port", .kind = Kind::integer, .fallback = "587", .help = "Port of the mail server.", .min = 1, .max = 65535},
    {.name = "mail.security", .kind = Kind::choice, .fallback = "starttls", .help = "tls: from the first byte, usually on port 465; none: only for a server on a network of one's own, and without mail.user.", .choices = "starttls tls none"},
    {.name = "mail.user", .kind = Kind::text, .fallback = "", .help = "Who signs in at the mail server; default: nobody."},
    {.name = "mail.password", .kind = Kind::text, .fallback = "", .help = "The password of mail.user.", .secret = true},
    {.name = "mail.from", .kind = Kind::text, .fallback = "", .help = "Sender, like Seendr <no-reply@example.org>; needed with mail.host."},
    {.name = "mail.ca_file", .kind = Kind::path, .fallback = "", .help = "Certificates to trust for the mail server; default: the system's."},
    {.name = "mail.connect_timeout_ms", .kind = Kind::integer, .fallback = "10000", .help = "Deadline for the connection to the mail server.", .min = 10, .max = 600'000},
    {.name = "mail.timeout_ms", .kind = Kind::integer, .fallback = "30000", .help = "Deadline for handing over a mail.", .min = 10, .max = 600'000},
    {.name = "mail.outbox_dir", .kind = Kind::path, .fallback = "", .help = "Folder for mails that no server is configured for; default: outbox in the data directory."},
    {.name = "mail.digest_after_hours", .kind = Kind::integer, .fallback = "12", .help = "Who asked for it is mailed about notifications once one has been unread for this long.", .max = 720},

    {.name = "tasks.queues", .kind = Kind::list, .fallback = "seendr,seendr.mail", .help = "Queues that a worker takes tasks from; the server's own are in these two. A task that the worker does not know is buried."},
    {.name = "tasks.concurrency", .kind = Kind::integer, .fallback = "50", .help = "Tasks that a worker runs at once.", .min = 1, .max = 10'000},
    {.name = "tasks.drain_ms", .kind = Kind::integer, .fallback = "10000", .help = "How long a worker that is told to end lets tasks go on, before it gives them back.", .max = 600'000},
    {.name = "tasks.visibility_timeout_s", .kind = Kind::integer, .fallback = "0", .help = "For queues that Celery's workers serve, too: their visibility_timeout; each side then heals what a dead worker of the other held. 0: no queue is shared.", .max = 31'536'000},
    {.name = "tasks.node", .kind = Kind::text, .fallback = "", .help = "Name by which Celery's tools know the worker, unique; default: seendr-<process id>@<host>."},

    {.name = "schedule.peak", .kind = Kind::text, .fallback = "20:00", .help = "When most people come each day, in server.time_zone: profiles are cached half an hour before."},
    {.name = "schedule.digest", .kind = Kind::text, .fallback = "18:00", .help = "When mails with unread notifications are sent each day, in server.time_zone."},

    {.name = "retention.reports_days", .kind = Kind::integer, .fallback = "365", .help = "Reports are kept this long after they were handled; 0: for ever.", .max = 36'500},
    {.name = "retention.bans_days", .kind = Kind::integer, .fallback = "365", .help = "Bans are kept this long after they ended; 0: for ever.", .max = 36'500},
    {.name = "retention.notifications_days", .kind = Kind::integer, .fallback = "90", .help = "Notifications are kept this long after they were read; 0: for ever.", .max = 36'500},
    {.name = "retention.history_days", .kind = Kind::integer, .fallback = "90", .help = "Who met whom is kept this long; 0: for ever.", .max = 36'500},
    {.name = "retention.guests_days", .kind = Kind::integer, .fallback = "30", .help = "Guests are kept this long after they were seen last, and while a session leads back to them; 0: for ever.", .max = 36'500},

    {.name = "warming.people", .kind = Kind::integer, .fallback = "5000", .help = "Profiles that are cached before many people come, those of who was seen last; 0: none.", .max = 1'000'000},
    {.name = "warming.within_hours", .kind = Kind::integer, .fallback = "24", .help = "Only of people who were seen in this time.", .min = 1, .max = 8760},

    {.name = "turn.urls", .kind = Kind::turn_urls, .fallback = "", .help = "stun:, turn: and turns: URLs handed to browsers."},
    {.name = "turn.secret", .kind = Kind::text, .fallback = "", .help = "coturn's static-auth-secret; without it only stun: URLs are handed out.", .secret = true},
    {.name = "turn.ttl_s", .kind = Kind::integer, .fallback = "3600", .help = "Life of TURN credentials.", .min = 60},
    {.name = "turn.policy", .kind = Kind::choice, .fallback = "all", .help = "relay: nobody learns the other's address; needs a turn: URL and turn.secret.", .choices = "all relay"},

    {.name = "django.secret_key", .kind = Kind::text, .fallback = "", .help = "SECRET_KEY of the Django site beside this server; without it nobody is known through one.", .secret = true},
    {.name = "django.secret_key_fallbacks", .kind = Kind::list, .fallback = "", .help = "SECRET_KEY_FALLBACKS.", .secret = true},
    {.name = "django.cache_url", .kind = Kind::redis_url, .fallback = "", .help = "Redis of Django's session cache; default: the cache Redis."},
    {.name = "django.key_prefix", .kind = Kind::text, .fallback = "", .help = "KEY_PREFIX of Django's cache."},
    {.name = "django.cache_version", .kind = Kind::integer, .fallback = "1", .help = "VERSION of Django's cache."},
    {.name = "django.auth_backends", .kind = Kind::list, .fallback = "django.contrib.auth.backends.ModelBackend", .help = "Authentication backends whose sessions are accepted."},
    {.name = "django.database_url", .kind = Kind::postgres_url, .fallback = "", .help = "Database with Django's users; default: database.url."},
    {.name = "django.user_query", .kind = Kind::text, .fallback = "", .help = "SQL that returns id, password, is_active, display_name, languages, region, slugs for $1; default: those of auth_user, with name only."},
    {.name = "django.adults", .kind = Kind::boolean, .fallback = "true", .help = "That site lets adults in only."},

    {.name = "match.shards", .kind = Kind::shards, .fallback = "*=all", .help = "Language to shard, `*` for every other."},
    {.name = "match.relax_ms", .kind = Kind::integer, .fallback = "5000", .help = "A search asks for ever fewer shared interests until this long."},
    {.name = "match.relax_curve", .kind = Kind::curve, .fallback = "linear", .help = "Points after_ms:share, falling, or `linear` over match.relax_ms."},
    {.name = "match.rate_window_ms", .kind = Kind::integer, .fallback = "5000", .help = "Window of the decaying mean of arrivals.", .min = 100},
    {.name = "match.search_timeout_ms", .kind = Kind::integer, .fallback = "600000", .help = "The most a client may ask for as timeout_ms."},
    {.name = "match.research_ms", .kind = Kind::integer, .fallback = "200", .help = "Between two searches of one person in the first two seconds.", .min = 10},
    {.name = "match.research_slow_ms", .kind = Kind::integer, .fallback = "500", .help = "Between two searches of one person after that.", .min = 10},
    {.name = "match.batch_max", .kind = Kind::integer, .fallback = "16", .help = "Items of one script call.", .min = 1, .max = 16},
    {.name = "match.cooldown_ms", .kind = Kind::integer, .fallback = "600000", .help = "Two people who met do not meet again for this long."},
    {.name = "match.cooldown_partners", .kind = Kind::integer, .fallback = "16", .help = "Partners remembered for the cool-down.", .max = 256},
    {.name = "match.lease_ms", .kind = Kind::integer, .fallback = "120000", .help = "A pool entry or seat that is not renewed ends after this long.", .min = 100},
    {.name = "match.renew_ms", .kind = Kind::integer, .fallback = "40000", .help = "Each lease is renewed this often.", .min = 50},
    {.name = "match.hold_ms", .kind = Kind::integer, .fallback = "10000", .help = "A search keeps its place this long after its socket was lost."},
    {.name = "match.room_grace_ms", .kind = Kind::integer, .fallback = "15000", .help = "A room waits this long for a lost socket."},
    {.name = "match.ack_ms", .kind = Kind::integer, .fallback = "30000", .help = "Lease of a fresh pair until its hosts renew it.", .min = 100},
    {.name = "match.no_show_ms", .kind = Kind::integer, .fallback = "10000", .help = "Who has not entered a room by then loses it.", .min = 100},
    {.name = "match.beat_ms", .kind = Kind::integer, .fallback = "1000", .help = "Between two beats of a process.", .min = 10},
    {.name = "match.suspect_ms", .kind = Kind::integer, .fallback = "3000", .help = "The people of a process silent this long are not eligible.", .min = 20},
    {.name = "match.evict_ms", .kind = Kind::integer, .fallback = "6000", .help = "The people of a process silent this long are removed.", .min = 20},
    {.name = "match.lag_stop_ms", .kind = Kind::integer, .fallback = "150", .help = "Above this lag of the log a process starts no claims.", .min = 1},
    {.name = "match.lag_go_ms", .kind = Kind::integer, .fallback = "75", .help = "Below this lag it starts them again.", .min = 1},
    {.name = "match.settle_ms", .kind = Kind::integer, .fallback = "1000", .help = "Pause of claims after a fail-over."},
    {.name = "match.log_max", .kind = Kind::integer, .fallback = "500000", .help = "Entries of a shard's log.", .min = 1000},
    {.name = "match.score_profile", .kind = Kind::choice, .fallback = "auto", .help = "auto: count for the article profile, rarity for seendr.v1.", .choices = "auto count rarity"},
    {.name = "match.hop_ms", .kind = Kind::integer, .fallback = "10000", .help = "Sub-shards: a search that found nobody moves after this long."},
    {.name = "match.admit_per_s", .kind = Kind::integer, .fallback = "5000", .help = "Joins of one process in a second; above: overloaded.", .min = 1},
    {.name = "match.wait_replicas", .kind = Kind::integer, .fallback = "0", .help = "Replicas that must have a claim before anyone is told.", .max = 8},
};
// clang-format on

}  // namespace

std::span<const Key> settings_table() {
  return kTable;
}

}  // namespace seendr::app
