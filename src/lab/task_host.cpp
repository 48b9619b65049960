#include "lab/task_host.hpp"

#include <thread>
#include <utility>

#include "lab/task_load.hpp"
#include "redis/client.hpp"
#include "runtime/task_group.hpp"
#include "tasks/worker.hpp"

namespace seendr::lab {
namespace {

redis::ClientOptions host_options(redis::Url url) {
  redis::ClientOptions options;
  options.url = std::move(url);
  options.client_name = "bench-worker";
  return options;
}

awaitable<json::value> do_nothing(tasks::TaskContext&) {
  co_return nullptr;
}

awaitable<json::value> note_wait(tasks::TaskContext& task, std::vector<double>& waited) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const double now_us = std::chrono::duration<double, std::micro>(now).count();
  waited.push_back(now_us - task.args().at(0).to_number<double>());
  co_return nullptr;
}

}  // namespace

struct TaskHost::Parts {
  Parts(const Env& env, const redis::Url& url)
      : commands(env, io.get_executor(), host_options(url)),
        watching(env, io.get_executor(), host_options(url)),
        clients(io.get_executor(),
                [this](const std::string&, std::exception_ptr error) { failure = error; }) {
    registry.on(kNothingTask, {}, do_nothing);
    registry.on(kStampTask, {},
                [this](tasks::TaskContext& task) { return note_wait(task, waited); });
    worker.emplace(env, commands, watching, registry);
  }

  awaitable<void> work() {
    clients.spawn("commands", commands.run());
    clients.spawn("watching", watching.run());
    std::exception_ptr error;
    try {
      co_await worker->run();
    } catch (...) {
      error = std::current_exception();
    }
    clients.cancel();
    co_await clients.join();
    if (error) failure = error;
  }

  net::io_context io{1};
  std::exception_ptr failure;
  std::vector<double> waited;
  redis::Client commands;
  redis::Client watching;
  TaskGroup clients;
  tasks::Registry registry;
  std::optional<tasks::Worker> worker;
  std::thread thread;
};

TaskHost::TaskHost(const Env& env, redis::Url url) : parts_(std::make_unique<Parts>(env, url)) {
  Parts& parts = *parts_;
  net::co_spawn(parts.io, parts.work(), [&parts](std::exception_ptr error) {
    if (error) parts.failure = error;
  });
  parts.thread = std::thread([&parts] { parts.io.run(); });
}

TaskHost::~TaskHost() {
  if (!parts_->thread.joinable()) return;
  net::post(parts_->io, [parts = parts_.get()] { parts->worker->stop(); });
  parts_->thread.join();
}

std::vector<double> TaskHost::stop() {
  net::post(parts_->io, [parts = parts_.get()] { parts->worker->stop(); });
  parts_->thread.join();
  if (parts_->failure) std::rethrow_exception(parts_->failure);
  return std::move(parts_->waited);
}

}  // namespace seendr::lab
