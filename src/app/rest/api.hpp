// What the REST handlers of one event loop share: who is asking, cookies, bodies, errors.
#pragma once

#include <functional>

#include "app/accounts/account_data.hpp"
#include "app/accounts/account_tokens.hpp"
#include "app/accounts/avatars.hpp"
#include "app/accounts/django_people.hpp"
#include "app/accounts/moderation.hpp"
#include "app/accounts/notifications.hpp"
#include "app/accounts/profiles.hpp"
#include "app/accounts/users.hpp"
#include "app/after_work.hpp"
#include "app/cached_response.hpp"
#include "app/health.hpp"
#include "app/invalidator.hpp"
#include "app/jobs/job_queue.hpp"
#include "app/limits.hpp"
#include "app/origin.hpp"
#include "app/people/hub.hpp"
#include "app/presence.hpp"
#include "app/vocabulary.hpp"
#include "auth/password.hpp"
#include "auth/sessions.hpp"
#include "auth/tickets.hpp"
#include "http/networks.hpp"
#include "http/router.hpp"
#include "runtime/offload.hpp"

namespace seendr::app {

struct ApiOptions {
  std::chrono::seconds cookie_max_age{7'776'000};  // As long as a session can last.
  Millis ticket_ttl{30'000};
  std::string host_name;  // "Hosted by".
  AvatarLimits avatars;
};

// All must outlive the router that holds the handlers.
struct Api {
  Env env;
  Users& users;
  Moderation& moderation;
  auth::Sessions& sessions;
  auth::Tickets& tickets;
  auth::Passwords& passwords;
  Autocomplete& autocomplete;
  const PresenceBoard& board;
  const OriginRules& origins;
  Limits& limits;
  cache::Cache& cache;
  redis::Client& cache_redis;
  Invalidator& invalidator;
  leaderboard::Trending& trending;
  Profiles& profiles;
  AccountTokens& account_tokens;
  JobQueue& jobs;
  std::string public_url;  // Where people reach the server, for links.
  AccountData& account_data;
  Notifications& notifications;
  Avatars& avatars;
  Offload& drawing;  // For make_avatar.
  AfterWork& after;
  DjangoPeople* django = nullptr;  // Null: there is no Django site beside.
  ApiOptions options;
  // Set once Redis and PostgreSQL were found; until then every route answers 503.
  Hub* hub = nullptr;
  const Vocabulary* vocabulary = nullptr;
};

// Registers a handler, called once the server has started; one that changes something is guarded
// against foreign origins.
void add_route(http::Router& router, Api& api, http::Method method, std::string_view pattern,
               std::function<awaitable<http::Response>(Api&, http::Request)> handler);

// A body that is no JSON, and may be large. `admit` is asked before it is read: what it returns is
// the answer.
struct Upload {
  std::size_t body_limit_bytes = 0;
  std::function<awaitable<std::optional<http::Response>>(Api&, http::Request)> admit;
};
void add_upload_route(http::Router& router, Api& api, http::Method method, std::string_view pattern,
                      Upload upload,
                      std::function<awaitable<http::Response>(Api&, http::Request)> handler);

// A GET whose answer is the same for everyone and is kept, as PageOptions say.
void add_cached_route(http::Router& router, Api& api, std::string_view pattern, PageOptions options,
                      std::function<awaitable<http::Response>(Api&, http::Request)> handler);

// The areas, each in a file of its name.
void add_account_end_routes(http::Router& router, Api& api);
void add_avatar_routes(http::Router& router, Api& api);
void add_auth_routes(http::Router& router, Api& api);
void add_me_routes(http::Router& router, Api& api);
void add_interest_routes(http::Router& router, Api& api);
void add_block_routes(http::Router& router, Api& api);
void add_matching_routes(http::Router& router, Api& api);
void add_notification_routes(http::Router& router, Api& api);
void add_page_routes(http::Router& router, Api& api);
void add_profile_routes(http::Router& router, Api& api);
void add_recovery_routes(http::Router& router, Api& api);
void add_session_routes(http::Router& router, Api& api);
void add_trending_routes(http::Router& router, Api& api);

// The session of the request's cookie: ours, or one of the Django site beside.
awaitable<std::optional<auth::Session>> session_of(Api& api, const http::Request& request);

std::string session_cookie(const http::Request& request, const SessionId& id,
                           std::chrono::seconds max_age);
std::string expired_cookie(const http::Request& request);

// The body as an object; nullopt when it is not one. An empty body is an empty object.
std::optional<json::object> body_object(const http::Request& request);

http::Response bad_request(const http::Request& request, std::string message);
http::Response unauthorized(const http::Request& request);

// {"user": …}, for the person's own eyes.
http::Response user_response(const User& user);

// 429 with Retry-After.
http::Response too_many(const http::Request& request, const ratelimit::Decision& decision);

// "fr" or "en": what the query asks for by `lang`, or the first language that the browser names.
std::string preferred_language(const http::Request& request);

bool is_language(std::string_view text);  // A code of two or three lower-case letters.

inline constexpr std::size_t kMinPassword = 8;  // Characters.
inline constexpr std::size_t kMaxPassword = 128;

// RFC 3339, in UTC.
std::string time_text(std::int64_t unix_ms);

// Ends every session of the person, and closes their sockets on all processes.
awaitable<void> sign_out_everywhere(Api& api, UserId user);

// Mails a link by which the person shows that the address is theirs; does not wait for it.
void send_verification_later(Api& api, UserId user);

// Shows what add_notification() returned on the person's pages; does not wait for it.
void show_later(Api& api, UserId user, json::object notification);

// Reads and checks fields of an account; problems go to the reader.
std::vector<std::string> read_languages(json::Reader& body);
std::string read_region(json::Reader& body);
std::string read_display_name(json::Reader& body, bool optional);

// Lets open sockets of the person know the changed account, on every process.
awaitable<void> api_refresh(Api& api, User user);

}  // namespace seendr::app
