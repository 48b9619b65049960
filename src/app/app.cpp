#include "app/app.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

#include "codec/crypto.hpp"
#include "codec/text.hpp"
#include "http/asset.hpp"

namespace seendr::app {

namespace {

constexpr Millis kReadyStep{20};
constexpr std::size_t kHashQueue = 256;
constexpr std::size_t kDrawQueue = 16;  // Pictures: a few megabytes each, and up to seconds.

// The page and its modules come from here alone; media are the camera and the partner.
constexpr const char* kHtmlPolicy =
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
    "media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

std::string random_instance(Random& random) {
  return to_hex(bytes(random_bytes(random, 8)));
}

std::unique_ptr<postgres::Database> open_django(const Env& env, const Settings& settings,
                                                const std::string& own_url) {
  if (!django_options(settings)) return nullptr;
  const std::string url = settings.text("django.database_url");
  return std::make_unique<postgres::Database>(
      env, database_options(settings, url.empty() ? own_url : url));
}

std::size_t instance_count(const Settings& settings) {
  const auto wanted = static_cast<std::size_t>(settings.integer("server.instances"));
  return wanted > 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

bool is_managed(const Settings& settings) {
  const bool redis = !settings.text("redis.url").empty();
  const bool database = !settings.text("database.url").empty();
  if (redis && !database)
    throw ConfigError("REDIS_URL is set but DATABASE_URL is not; set both or none");
  if (database && !redis)
    throw ConfigError("DATABASE_URL is set but REDIS_URL is not; set both or none");
  if (!redis && !settings.boolean("server.managed")) {
    throw ConfigError("server.managed is false: set REDIS_URL and DATABASE_URL");
  }
  return !redis;
}

ServiceUrls configured_urls(const Settings& settings) {
  ServiceUrls urls;
  urls.redis = settings.text("redis.url");
  urls.database = settings.text("database.url");
  urls.cache = settings.text("redis.cache_url");
  if (urls.cache.empty()) urls.cache = urls.redis;
  return urls;
}

ManagedOptions managed_options(const Settings& settings, const Settings::Pairs& environment,
                               std::string command) {
  ManagedOptions options;
  options.folder = settings.text("server.data_dir");
  if (options.folder.empty()) options.folder = default_data_folder(environment, geteuid() == 0);
  options.folder = std::filesystem::absolute(options.folder).lexically_normal().string();
  options.command = std::move(command);
  return options;
}

std::string data_folder(const Settings& settings, const Settings::Pairs& environment) {
  try {
    return managed_options(settings, environment, "").folder;
  } catch (const DataFolderError&) {
    return "";
  }
}

std::unique_ptr<http::Listener> listen(const Settings& settings) {
  try {
    return std::make_unique<http::Listener>(listen_options(settings));
  } catch (const system_error& error) {
    throw StartError("cannot listen on " + settings.text("server.host") + ":" +
                     settings.text("server.port") + ": " + error.code().message());
  }
}

App::App(const Env& env, const Settings& settings, ServiceUrls urls, ManagedServices* services,
         MailOptions mail)
    : env_(env),
      settings_(settings),
      urls_(std::move(urls)),
      services_(services),
      database_(env, database_options(settings, urls_.database)),
      django_database_(open_django(env, settings, urls_.database)),
      users_(database_),
      profiles_(database_),
      moderation_(database_),
      account_tokens_(env, database_),
      account_data_(database_),
      notifications_(database_),
      avatars_(database_),
      mail_(std::move(mail)),
      mailer_(env, mail_),
      autocomplete_(database_),
      passwords_(hashing_, password_options(settings)),
      origins_(settings.list("http.allowed_origins")),
      files_(http::web_assets(), http::StaticOptions{kHtmlPolicy}),
      ops_networks_(networks(settings, "http.ops_networks")),
      server_options_(server_options(settings)),
      counts_(http::raise_descriptor_limit(), count_of(settings, "limits.connections_address")),
      hub_(Shared{env, settings, urls_.redis, urls_.database, database_, users_, moderation_,
                  board_, health_},
           random_instance(env.random)),
      hashing_(static_cast<std::size_t>(settings.integer("auth.hash_threads")), kHashQueue),
      drawing_(1, kDrawQueue),
      ready_(io_.get_executor()) {}

App::~App() = default;

std::string App::url() const {
  std::string host = settings_.text("server.host");
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  const std::string scheme = server_options_.tls ? "https://" : "http://";
  return scheme + host + ":" + std::to_string(listener_->port()) + "/";
}

int App::run() {
  listener_ = listen(settings_);
  if (services_) services_->announce(url());
  if (!services_ && urls_.cache == urls_.redis) {
    env_.log.warn("one_redis", "advice",
                  "give the cache a Redis of its own (CACHE_URL) that may evict keys");
  }
  say_where_mails_go(env_, mail_);
  const std::string named = app::public_url(settings_);
  const std::string public_url = named.empty() ? url() : named;
  for (std::size_t i = 0; i < instance_count(settings_); ++i) {
    instances_.push_back(
        std::make_unique<Instance>(InstanceParts{env_.with("instance", std::to_string(i)),
                                                 settings_,
                                                 urls_.redis,
                                                 urls_.cache,
                                                 database_,
                                                 django_database_.get(),
                                                 users_,
                                                 profiles_,
                                                 account_tokens_,
                                                 account_data_,
                                                 notifications_,
                                                 avatars_,
                                                 drawing_,
                                                 public_url,
                                                 moderation_,
                                                 passwords_,
                                                 autocomplete_,
                                                 board_,
                                                 health_,
                                                 origins_,
                                                 files_,
                                                 ops_networks_,
                                                 server_options_,
                                                 counts_}));
  }
  if (settings_.boolean("server.worker")) {
    work_.emplace(WorkParts{env_, settings_, urls_.redis, urls_.cache, database_, account_tokens_,
                            mailer_, public_url});
  }
  signals_ = std::make_unique<net::basic_signal_set<Executor>>(io_.get_executor(), SIGINT, SIGTERM);
  handle_signal();
  serving_ = running_ = instances_.size();
  for (const auto& instance : instances_) {
    instance->start(*listener_, [this] { net::post(io_, [this] { instance_ended(); }); });
  }
  hub_.on_change([this] { net::post(io_, [this] { open_when_booted(); }); });
  hub_.start();
  announce_when_ready();
  io_.run();

  for (const auto& instance : instances_) instance->join();
  if (work_) work_->stop();
  mailer_.stop();
  hub_.stop();
  env_.log.info("stopped");
  const std::string fatal = hub_.fatal();
  if (!fatal.empty()) throw StartError(fatal);
  return 0;
}

// The hub is there, or it says why it never will be.
void App::open_when_booted() {
  if (!hub_.fatal().empty()) {
    if (signals_seen_ == 0) raise(SIGTERM);
    return;
  }
  Hub* hub = hub_.hub();
  if (!hub || std::exchange(opened_, true)) return;
  for (const auto& instance : instances_) instance->open(*hub, hub_.vocabulary());
  if (work_) {
    ++running_;
    work_->start({}, [this] { net::post(io_, [this] { part_ended(); }); });
  }
  health_.set("start", "");
}

void App::announce_when_ready() {
  ready_.expires_after(kReadyStep);
  ready_.async_wait([this](error_code error) {
    if (error) return;
    if (!health_.ready()) {
      announce_when_ready();
      return;
    }
    std::printf("Seendr is ready at %s\n", url().c_str());
    std::fflush(stdout);
    env_.log.info("ready", "url", url(), "instances", instances_.size());
  });
}

void App::instance_ended() {
  if (--serving_ == 0 && signals_seen_ == 0 && work_) work_->drain();
  part_ended();
}

void App::part_ended() {
  if (--running_ == 0) signals_->cancel();  // Nothing is left to wait for.
}

void App::handle_signal() {
  signals_->async_wait([this](error_code error, int signal) {
    if (error) return;
    ++signals_seen_;
    env_.log.info("signal", "number", signal, "effect",
                  signals_seen_ == 1 ? "drain" : "stop at once");
    health_.set("drain", "the server is going away");
    if (Hub* hub = hub_.hub()) hub->drain();
    if (work_) work_->drain();
    for (const auto& instance : instances_) instance->drain(settings_.ms("server.drain_ms"));
    ready_.cancel();
    if (signals_seen_ == 1) handle_signal();  // A second one cuts everything.
  });
}

}  // namespace seendr::app
