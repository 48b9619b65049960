#include "support/redis_test.hpp"

#include <cstdlib>
#include <stdexcept>

namespace seendr::test {

namespace {

std::filesystem::path make_directory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "seendr-redis-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp failed");
  return pattern;
}

}  // namespace

RedisServer::RedisServer() : RedisServer(Options{}) {}

RedisServer::RedisServer(Options options)
    : options_(std::move(options)), directory_(make_directory()) {
  start();
}

RedisServer::~RedisServer() {
  server_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void RedisServer::kill9() {
  if (!server_) return;
  server_->process().signal(SIGKILL);
  server_->process().wait(Millis(10'000));
  server_.reset();
}

void RedisServer::start() {
  redis::ServerOptions options;
  options.directory = directory_;
  options.name = "test";
  options.durable = options_.durable;
  options.arguments = {"--maxmemory", "0"};
  if (options_.durable) options.arguments = {"--appendfsync", "always"};
  options.arguments.insert(options.arguments.end(), options_.arguments.begin(),
                           options_.arguments.end());
  server_.emplace(redis::Server::start(std::move(options)));
}

void RedisServer::restart() {
  kill9();
  start();
}

void RedisServer::pause() {
  server_->process().signal(SIGSTOP);
}

void RedisServer::resume() {
  server_->process().signal(SIGCONT);
}

redis::Url RedisServer::url(int db) const {
  redis::Url url;
  url.scheme = redis::Scheme::unix_socket;
  url.path = (directory_ / "run" / "test.sock").string();
  url.db = db;
  return url;
}

std::string RedisServer::url_text(int db) const {
  const redis::Url where = url(db);
  return "unix://" + where.path + "?db=" + std::to_string(db);
}

RedisTest::RedisTest() {
  tasks_.emplace(io_.get_executor(), [](const std::string& name, std::exception_ptr error) {
    ADD_FAILURE() << name << ": " << what(error);
  });
  client_ = &another_client();
  run([this]() -> awaitable<void> {
    const redis::Command flush("FLUSHDB");
    co_await client_->exec(flush);
  });
}

RedisTest::~RedisTest() {
  tasks_->cancel();
  run([this]() -> awaitable<void> { co_await tasks_->join(); });
}

RedisServer& RedisTest::server() {
  static RedisServer shared;
  return shared;
}

redis::Client& RedisTest::another_client(std::function<void(redis::ClientOptions&)> adjust) {
  redis::ClientOptions options;
  options.url = server().url();
  if (adjust) adjust(options);
  clients_.push_back(std::make_unique<redis::Client>(env(), io_.get_executor(), options));
  tasks_->spawn("redis client", clients_.back()->run());
  return *clients_.back();
}

}  // namespace seendr::test
