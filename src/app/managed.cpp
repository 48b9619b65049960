#include "app/managed.hpp"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <unistd.h>
#include <vector>

#include <boost/url/url.hpp>

#include "postgres/migrations.hpp"
#include "postgres/server.hpp"
#include "postgres/url.hpp"
#include "redis/server.hpp"
#include "runtime/backoff.hpp"

namespace seendr::app {

namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

constexpr std::string_view kServe = "seendr serve";
constexpr Millis kWatchEvery{50};
constexpr Millis kSteadyAfter{30'000};  // Then a death is a new one, not part of a row.
constexpr Millis kLeftoverLimit{15'000};

std::string unix_url(const std::string& path) {
  boost::urls::url url;
  url.set_scheme("unix");
  url.set_encoded_authority("");
  url.set_path(path);
  return std::string(url.buffer().data(), url.buffer().size());
}

ServiceUrls urls_in(const std::string& folder) {
  return ServiceUrls{.redis = unix_url(folder + "/run/state.sock"),
                     .cache = unix_url(folder + "/run/cache.sock"),
                     .database = postgres::socket_url(folder + "/run", "seendr", "seendr")};
}

redis::ServerOptions redis_options(const ManagedOptions& options, const Identity& identity,
                                   const std::string& name) {
  redis::ServerOptions redis;
  redis.directory = options.folder;
  redis.name = name;
  redis.durable = name == "state";
  redis.identity = identity;
  return redis;
}

postgres::ServerOptions postgres_options(const ManagedOptions& options, const Identity& identity) {
  postgres::ServerOptions postgres;
  postgres.data_folder = options.folder + "/postgres";
  postgres.socket_folder = options.folder + "/run";
  postgres.log_file = options.folder + "/postgres.log";
  postgres.identity = identity;
  postgres.durable = options.durable;
  return postgres;
}

void make_socket_folder(const std::string& folder, const Identity& identity) {
  const std::string run = folder + "/run";
  fs::create_directory(run);
  fs::permissions(run, fs::perms::owner_all);
  if (identity.switches && chown(run.c_str(), identity.uid, identity.gid) != 0) {
    throw DataFolderError("cannot give " + run + " to the user " + identity.user);
  }
}

// Those of a server that was killed end by themselves; until then they would share the data with
// ours, and take away our sockets when they go.
void wait_for_leftovers(const std::string& folder) {
  for (const char* service : {"state", "cache", "postgres"}) {
    const std::string place = folder + "/" + service;
    if (!left_by_all(place, kLeftoverLimit)) {
      throw DataFolderError("a service of an earlier server still runs in " + place);
    }
  }
}

}  // namespace

class ManagedServices::Impl {
 public:
  Impl(const Env& env, ManagedOptions options, std::unique_ptr<DataFolderLock> lock)
      : env_(env),
        options_(std::move(options)),
        lock_(std::move(lock)),
        urls_(urls_in(options_.folder)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { stop(); }

  void start();
  void announce(const std::string& address);
  void stop();
  const ServiceUrls& urls() const { return urls_; }

 private:
  // One of the three, as the watching thread sees it.
  struct Service {
    std::string name;
    std::function<bool()> running;
    std::function<void()> restart;
    Backoff backoff{BackoffOptions{.first = Millis(200), .limit = Millis(10'000)}};
    SteadyClock::time_point started{};
    SteadyClock::time_point next_attempt{};
    bool known_dead = false;
  };

  void watch();
  void look_after(Service& service);
  Service redis_service(std::optional<redis::Server>& server, const std::string& name);
  void say(const std::string& address, bool ready);

  const Env env_;
  const ManagedOptions options_;
  std::unique_ptr<DataFolderLock> lock_;  // Given back last.
  const ServiceUrls urls_;
  Identity identity_;

  // Touched by the watching thread only, from the end of start() until stop().
  std::optional<redis::Server> state_;
  std::optional<redis::Server> cache_;
  std::optional<postgres::Server> postgres_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread watcher_;
};

void ManagedServices::Impl::start() {
  say("", false);
  identity_ = service_identity(options_.folder);
  make_socket_folder(options_.folder, identity_);
  wait_for_leftovers(options_.folder);

  const auto begin_redis = [this](std::optional<redis::Server>& server, const std::string& name) {
    server.emplace(redis::Server::start(redis_options(options_, identity_, name)));
  };
  auto state = std::async(std::launch::async, [&] { begin_redis(state_, "state"); });
  auto cache = std::async(std::launch::async, [&] { begin_redis(cache_, "cache"); });
  auto database = std::async(std::launch::async, [&] {
    postgres_.emplace(postgres::Server::start(env_, postgres_options(options_, identity_)));
    if (!options_.migrate) return;
    for (const std::string& name : postgres::migrate(urls_.database)) {
      env_.log.info("migration_applied", "name", name);
    }
  });
  state.get();
  cache.get();
  database.get();

  say("", true);
  watcher_ = std::thread([this] { watch(); });
  env_.log.info("services_ready", "folder", options_.folder);
}

void ManagedServices::Impl::say(const std::string& address, bool ready) {
  lock_->write(Holder{.command = options_.command,
                      .pid = std::to_string(getpid()),
                      .address = address,
                      .ready = ready});
}

void ManagedServices::Impl::announce(const std::string& address) {
  say(address, true);
}

ManagedServices::Impl::Service ManagedServices::Impl::redis_service(
    std::optional<redis::Server>& server, const std::string& name) {
  Service service;
  service.name = name;
  service.running = [&server] {
    return server && server->running();
  };
  service.restart = [this, &server, name] {
    server.reset();
    server.emplace(redis::Server::start(redis_options(options_, identity_, name)));
  };
  return service;
}

void ManagedServices::Impl::watch() {
  std::vector<Service> services{redis_service(state_, "state"), redis_service(cache_, "cache")};
  Service& database = services.emplace_back();
  database.name = "postgres";
  database.running = [this] {
    return postgres_->running();
  };
  database.restart = [this] {
    postgres_->restart();
  };

  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kWatchEvery, [this] { return stopping_; })) {
    lock.unlock();
    for (Service& service : services) look_after(service);
    lock.lock();
  }
}

void ManagedServices::Impl::look_after(Service& service) {
  const auto now = env_.clock.now();
  if (service.running()) {
    if (now - service.started > kSteadyAfter) service.backoff.reset();
    service.known_dead = false;
    return;
  }
  if (!std::exchange(service.known_dead, true)) {
    env_.log.error("service_died", "service", service.name);
    env_.metrics
        .counter("seendr_app_service_deaths_total", "Managed services that ended by themselves.",
                 {{"service", service.name}})
        .Increment();
  }
  if (now < service.next_attempt) return;
  service.started = now;
  service.next_attempt = now + service.backoff.next(env_.random);
  try {
    service.restart();
    env_.log.info("service_restarted", "service", service.name);
  } catch (const std::exception& e) {
    env_.log.error("service_restart_failed", "service", service.name, "reason", what(e));
  }
}

void ManagedServices::Impl::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (watcher_.joinable()) watcher_.join();
  if (postgres_) postgres_->stop();
  if (cache_) cache_->stop();
  if (state_) state_->stop();
  postgres_.reset();
  cache_.reset();
  state_.reset();
}

ManagedServices::ManagedServices(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ManagedServices::~ManagedServices() = default;

std::unique_ptr<ManagedServices> ManagedServices::start(const Env& env, ManagedOptions options) {
  prepare_data_folder(options.folder, service_identity(options.folder));
  auto lock = std::make_unique<DataFolderLock>(options.folder);
  if (!lock->try_take()) throw DataFolderError(lock->read().sentence(options.folder));
  return start_holding(env, std::move(options), std::move(lock));
}

std::unique_ptr<ManagedServices> ManagedServices::start_holding(
    const Env& env, ManagedOptions options, std::unique_ptr<DataFolderLock> lock) {
  auto impl =
      std::make_unique<Impl>(env.with("module", "managed"), std::move(options), std::move(lock));
  impl->start();
  return std::unique_ptr<ManagedServices>(new ManagedServices(std::move(impl)));
}

const ServiceUrls& ManagedServices::urls() const {
  return impl_->urls();
}

void ManagedServices::announce(const std::string& address) {
  impl_->announce(address);
}

void ManagedServices::stop() {
  impl_->stop();
}

Services attach_or_start(const Env& env, ManagedOptions options) {
  prepare_data_folder(options.folder, service_identity(options.folder));
  const auto deadline = SteadyClock::now() + options.attach_limit;
  auto lock = std::make_unique<DataFolderLock>(options.folder);
  while (!lock->try_take()) {
    const Holder holder = lock->read();
    const bool usable = holder.command == kServe && holder.ready && holder.lives();
    if (usable) return Services{.urls = urls_in(options.folder), .owned = nullptr};
    if (SteadyClock::now() > deadline) throw DataFolderError(holder.sentence(options.folder));
    std::this_thread::sleep_for(kWatchEvery);
  }
  Services services;
  services.owned = ManagedServices::start_holding(env, std::move(options), std::move(lock));
  services.urls = services.owned->urls();
  return services;
}

}  // namespace seendr::app
