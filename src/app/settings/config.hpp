// Settings as the options of what serves. Of what works in the background: work_config.hpp.
#pragma once

#include <string>

#include "app/accounts/django_people.hpp"
#include "app/limits.hpp"
#include "app/people/hub.hpp"
#include "app/rest/api.hpp"
#include "app/settings/settings.hpp"
#include "app/socket/user_session.hpp"
#include "auth/password.hpp"
#include "auth/sessions.hpp"
#include "cache/options.hpp"
#include "http/listener.hpp"
#include "http/server.hpp"
#include "leaderboard/trending.hpp"
#include "match/options.hpp"
#include "postgres/database.hpp"
#include "redis/client.hpp"
#include "runtime/time_zone.hpp"

namespace seendr::app {

// Each throws ConfigError with a sentence when a value cannot be used.
redis::ClientOptions redis_options(const Settings& settings, const std::string& url,
                                   std::string client_name);
postgres::DatabaseOptions database_options(const Settings& settings, const std::string& url);
http::ListenOptions listen_options(const Settings& settings);
http::ServerOptions server_options(const Settings& settings);
http::Networks networks(const Settings& settings, std::string_view key);
auth::SessionOptions session_options(const Settings& settings);
auth::PasswordOptions password_options(const Settings& settings);
match::Options match_options(const Settings& settings);
HubOptions hub_options(const Settings& settings);
UserSessionOptions user_session_options(const Settings& settings);
ApiOptions api_options(const Settings& settings);

leaderboard::TrendingOptions trending_options(const Settings& settings);
TimeZone time_zone(const Settings& settings);  // In which days and hours are counted.

// nullopt without django.secret_key: nobody is known through a Django site.
std::optional<DjangoOptions> django_options(const Settings& settings);

LimitRules limit_rules(const Settings& settings);

// Of what is kept for pages and the API; its level in the process is small.
cache::CacheOptions cache_options();

std::string public_url(const Settings& settings);  // Empty: the address it listens on.

// Throws what any of these would; for a refusal before anything is started.
void check(const Settings& settings);

// 0 when the limit is off.
std::size_t count_of(const Settings& settings, std::string_view limit);

LogFormat log_format(const Settings& settings);  // auto: by whether stderr is a terminal.
LogLevel log_level(const Settings& settings);

}  // namespace seendr::app
