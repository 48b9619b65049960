#include "app/settings/config.hpp"

#include <algorithm>
#include <unistd.h>

#include "app/jobs/schedule.hpp"
#include "app/rest/errors.hpp"
#include "app/settings/work_config.hpp"
#include "http/tls.hpp"

namespace seendr::app {

namespace {

constexpr Millis kLongestWindow{std::chrono::hours(31 * 24)};  // What ratelimit::Limit takes.
constexpr Millis kTrendingFresh{1000};
constexpr std::int64_t kMostCalls = 1'000'000;

// What HTML may do; the rest of the headers goes on everything.
constexpr const char* kPermissions = "camera=(self), microphone=(self), display-capture=(self)";

match::Profile score(const Settings& settings, match::Profile usual) {
  const std::string chosen = settings.text("match.score_profile");
  if (chosen == "count") return match::Profile::count;
  if (chosen == "rarity") return match::Profile::rarity;
  return usual;
}

// What is counted as it happens needs a window, and one that Redis can be asked to remember.
LimitSetting windowed(const Settings& settings, std::string_view key) {
  const LimitSetting limit = settings.limit(key);
  if (limit.off) return limit;
  const bool fits =
      limit.window.count() > 0 && limit.window <= kLongestWindow && limit.calls <= kMostCalls;
  if (!fits) {
    throw ConfigError(std::string(key) +
                      ": must be `off`, or up to a million calls in a window of "
                      "up to 31 days, like 10/60s");
  }
  return limit;
}

std::string shard(const Settings& settings) {
  const std::string text = settings.text("match.shards");
  if (!text.starts_with("*=") || text.find(',') != std::string::npos) {
    throw ConfigError("match.shards \"" + text + "\": this version serves one shard, like *=all");
  }
  return text.substr(2);
}

}  // namespace

redis::ClientOptions redis_options(const Settings& settings, const std::string& url,
                                   std::string client_name) {
  const result<redis::Url> parsed = redis::parse_url(url);
  if (!parsed) throw ConfigError(parsed.error().message());
  redis::ClientOptions options;
  options.url = *parsed;
  options.client_name = std::move(client_name);
  options.command_timeout = settings.ms("redis.command_timeout_ms");
  options.queue_limit = static_cast<std::size_t>(settings.integer("redis.queue_limit"));
  options.tls_ca_file = settings.text("redis.tls_ca_file");
  options.backoff.limit = Millis(1000);  // Everything works within two seconds of Redis' return.
  return options;
}

postgres::DatabaseOptions database_options(const Settings& settings, const std::string& url) {
  postgres::DatabaseOptions options;
  options.url = url;
  options.threads = static_cast<std::size_t>(settings.integer("database.threads"));
  options.queue_limit = static_cast<std::size_t>(settings.integer("database.queue_limit"));
  options.wait_limit = settings.ms("database.wait_ms");
  options.statement_timeout = settings.ms("database.statement_timeout_ms");
  return options;
}

http::ListenOptions listen_options(const Settings& settings) {
  return http::ListenOptions{settings.text("server.host"),
                             static_cast<std::uint16_t>(settings.integer("server.port")),
                             settings.boolean("server.share_port")};
}

http::Networks networks(const Settings& settings, std::string_view key) {
  auto parsed = http::Networks::parse(settings.list(key));
  if (!parsed) throw ConfigError(std::string(key) + ": must be networks like 10.0.0.0/8");
  return std::move(*parsed);
}

http::ServerOptions server_options(const Settings& settings) {
  http::ServerOptions options;
  const std::string certificate = settings.text("http.tls_cert");
  const std::string key = settings.text("http.tls_key");
  if (certificate.empty() != key.empty()) {
    throw ConfigError("http.tls_cert and http.tls_key: give both or none");
  }
  if (!certificate.empty()) {
    try {
      options.tls = http::make_server_tls(certificate, key);
    } catch (const system_error& error) {
      throw ConfigError("http.tls_cert, http.tls_key: " + what(error));
    }
  }
  options.trusted_proxies = networks(settings, "http.trusted_proxies");
  options.headers.add("Permissions-Policy", kPermissions);
  options.headers.add("X-Content-Type-Options", "nosniff");
  options.headers.add("Referrer-Policy", "same-origin");
  options.map_error = map_error;
  options.header_timeout = settings.ms("http.header_timeout_ms");
  options.body_timeout = settings.ms("http.body_timeout_ms");
  options.idle_timeout = settings.ms("http.idle_timeout_ms");
  options.websocket.message_limit_bytes = kMaxFrameBytes;
  options.websocket.queue_limit_bytes =
      static_cast<std::size_t>(settings.integer("socket.queue_bytes"));
  options.websocket.ping_interval = settings.ms("socket.ping_ms");
  options.websocket.pong_timeout = settings.ms("socket.pong_ms");
  return options;
}

auth::SessionOptions session_options(const Settings& settings) {
  return auth::SessionOptions{std::chrono::seconds(settings.integer("auth.session_ttl_s")),
                              std::chrono::seconds(settings.integer("auth.session_max_s"))};
}

auth::PasswordOptions password_options(const Settings& settings) {
  return auth::PasswordOptions{static_cast<std::size_t>(settings.integer("auth.hash_memory_kib")),
                               static_cast<unsigned>(settings.integer("auth.hash_passes"))};
}

match::Options match_options(const Settings& settings) {
  match::Options options;
  options.shard = shard(settings);
  options.relax = settings.ms("match.relax_ms");
  options.relax_curve = parse_curve(settings.text("match.relax_curve")).value();
  options.rate_window = settings.ms("match.rate_window_ms");
  options.search_timeout = settings.ms("match.search_timeout_ms");
  options.research = settings.ms("match.research_ms");
  options.research_slow = settings.ms("match.research_slow_ms");
  options.batch_max = static_cast<std::size_t>(settings.integer("match.batch_max"));
  options.cooldown = settings.ms("match.cooldown_ms");
  options.cooldown_partners = static_cast<std::size_t>(settings.integer("match.cooldown_partners"));
  options.lease = settings.ms("match.lease_ms");
  options.renew = settings.ms("match.renew_ms");
  options.hold = settings.ms("match.hold_ms");
  options.ack = settings.ms("match.ack_ms");
  options.no_show = settings.ms("match.no_show_ms");
  options.beat = settings.ms("match.beat_ms");
  options.suspect = settings.ms("match.suspect_ms");
  options.evict = settings.ms("match.evict_ms");
  options.lag_stop = settings.ms("match.lag_stop_ms");
  options.lag_go = settings.ms("match.lag_go_ms");
  options.settle = settings.ms("match.settle_ms");
  options.log_max = static_cast<std::size_t>(settings.integer("match.log_max"));
  options.admit_per_s = static_cast<double>(settings.integer("match.admit_per_s"));
  return options;
}

HubOptions hub_options(const Settings& settings) {
  HubOptions options;
  options.ice.urls = settings.list("turn.urls");
  options.ice.secret = settings.text("turn.secret");
  options.ice.ttl = std::chrono::seconds(settings.integer("turn.ttl_s"));
  options.ice.relay_only = settings.text("turn.policy") == "relay";
  if (options.ice.relay_only && !has_relay(options.ice)) {
    throw ConfigError(
        "turn.policy is relay, but turn.urls has no turn: URL or turn.secret is empty");
  }
  options.room_grace = settings.ms("match.room_grace_ms");
  options.hold = settings.ms("match.hold_ms");
  options.sockets_per_user = count_of(settings, "limits.connections_user");
  options.article_score = score(settings, match::Profile::count);
  options.v1_score = score(settings, match::Profile::rarity);
  options.heartbeat = settings.ms("socket.ping_ms");
  options.resume_window = options.room_grace;
  return options;
}

UserSessionOptions user_session_options(const Settings& settings) {
  return UserSessionOptions{settings.ms("socket.hello_ms"),
                            windowed(settings, "limits.frames_connection"),
                            windowed(settings, "limits.chat"),
                            std::chrono::seconds(settings.integer("auth.session_check_s"))};
}

leaderboard::TrendingOptions trending_options(const Settings& settings) {
  leaderboard::TrendingOptions options;
  options.shards = {shard(settings)};
  options.fresh = kTrendingFresh;
  options.zone = time_zone(settings);
  return options;
}

TimeZone time_zone(const Settings& settings) {
  const std::string name = settings.text("server.time_zone");
  std::optional<TimeZone> zone = TimeZone::load(name);
  if (!zone) throw ConfigError("server.time_zone: there is no zone \"" + name + "\"");
  return std::move(*zone);
}

// The level in the process answers people who are not signed in (cached_response.hpp): to them a
// change made through another process may show a moment later, at worst after max_age.
cache::CacheOptions cache_options() {
  cache::CacheOptions options;
  options.prefix = "seendr";
  options.memory.limit_bytes = std::size_t{16} << 20;
  options.memory.max_age = Millis(2000);
  return options;
}

std::optional<DjangoOptions> django_options(const Settings& settings) {
  const std::string key = settings.text("django.secret_key");
  if (key.empty()) return std::nullopt;
  DjangoOptions options;
  options.site.secret_keys = settings.list("django.secret_key_fallbacks");
  options.site.secret_keys.insert(options.site.secret_keys.begin(), key);
  options.site.backends = settings.list("django.auth_backends");
  options.sessions.key_prefix = settings.text("django.key_prefix");
  options.sessions.version = static_cast<int>(settings.integer("django.cache_version"));
  options.user_query = settings.text("django.user_query");
  options.adults = settings.boolean("django.adults");
  return options;
}

LimitRules limit_rules(const Settings& settings) {
  LimitRules rules;
  rules.matching = windowed(settings, "limits.matching");
  rules.sign_in_account = windowed(settings, "limits.sign_in_account");
  rules.sign_in_address = windowed(settings, "limits.sign_in_address");
  rules.register_address = windowed(settings, "limits.register_address");
  rules.guest_address = windowed(settings, "limits.guest_address");
  rules.reset_account = windowed(settings, "limits.reset_account");
  rules.reset_address = windowed(settings, "limits.reset_address");
  rules.reports = windowed(settings, "limits.reports");
  rules.avatar = windowed(settings, "limits.avatar");
  rules.data_export = windowed(settings, "limits.export");
  rules.redis_timeout = settings.ms("limits.redis_timeout_ms");
  return rules;
}

ApiOptions api_options(const Settings& settings) {
  ApiOptions options;
  options.cookie_max_age = std::chrono::seconds(settings.integer("auth.session_max_s"));
  options.ticket_ttl = std::chrono::seconds(settings.integer("auth.ticket_ttl_s"));
  options.host_name = settings.text("server.name");
  options.avatars.max_bytes = static_cast<std::size_t>(settings.integer("avatars.max_bytes"));
  options.avatars.max_pixels = settings.integer("avatars.max_pixels");
  return options;
}

std::string public_url(const Settings& settings) {
  const std::string url = settings.text("server.public_url");
  const bool is_web = url.empty() || url.starts_with("https://") || url.starts_with("http://");
  const bool clean =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!is_web || !clean)
    throw ConfigError("server.public_url: must begin with https:// or http://");
  return url;
}

void check(const Settings& settings) {
  match_options(settings);
  limit_rules(settings);
  hub_options(settings);
  user_session_options(settings);
  trending_options(settings);
  server_options(settings);
  networks(settings, "http.ops_networks");
  public_url(settings);
  mail_options(settings, {});
  worker_options(settings);
  schedule_entries(settings);
}

std::size_t count_of(const Settings& settings, std::string_view limit) {
  const LimitSetting setting = settings.limit(limit);
  return setting.off ? 0 : static_cast<std::size_t>(setting.calls);
}

LogFormat log_format(const Settings& settings) {
  const std::string format = settings.text("log.format");
  if (format == "json") return LogFormat::json;
  if (format == "human") return LogFormat::human;
  return isatty(STDERR_FILENO) == 1 ? LogFormat::human : LogFormat::json;
}

LogLevel log_level(const Settings& settings) {
  const std::string level = settings.text("log.level");
  if (level == "debug") return LogLevel::debug;
  if (level == "warn") return LogLevel::warn;
  return level == "error" ? LogLevel::error : LogLevel::info;
}

}  // namespace seendr::app
