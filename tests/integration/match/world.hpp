// Several matchmakers on one Redis, as several processes would be, in one event loop.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "match/keys.hpp"
#include "match/matchmaker.hpp"
#include "match/pool.hpp"
#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"
#include "support/redis_test.hpp"

namespace seendr::match::test {

// Writes down what it is told; enters each room at once unless told not to.
class FakeSink final : public PairSink {
 public:
  struct End {
    UserId user;
    RoomId room;
    CloseReason reason;
    bool by_self;
  };

  void on_match(const Told& one) override {
    told.push_back(one);
    if (enters && matchmaker) matchmaker->entered(one.user, one.room);
  }
  void on_no_match(UserId user, NoMatchReason reason) override {
    misses.emplace_back(user, reason);
  }
  void on_cancelled(UserId user, CancelReason reason) override {
    cancelled.emplace_back(user, reason);
  }
  void on_progress(UserId user, const Progress& one) override { progress[user].push_back(one); }
  void on_room_end(UserId user, const RoomId& room, CloseReason reason, bool by_self) override {
    ends.push_back(End{user, room, reason, by_self});
  }
  void on_peer_host(UserId user, const RoomId&, bool alive) override {
    hosts.emplace_back(user, alive);
  }

  std::vector<Told> of(UserId user) const {
    std::vector<Told> out;
    for (const Told& one : told) {
      if (one.user == user) out.push_back(one);
    }
    return out;
  }

  Matchmaker* matchmaker = nullptr;
  bool enters = true;
  std::vector<Told> told;
  std::vector<std::pair<UserId, NoMatchReason>> misses;
  std::vector<std::pair<UserId, CancelReason>> cancelled;
  std::map<UserId, std::vector<Progress>> progress;
  std::vector<End> ends;
  std::vector<std::pair<UserId, bool>> hosts;
};

// One process.
class Node {
 public:
  Node(net::io_context& io, const Env& env, redis::Url url, Options options, std::string instance)
      : server(env, "all"),
        commands(env, io.get_executor(), client_options(url)),
        tail(env, io.get_executor(), client_options(url)),
        matchmaker(
            env, io.get_executor(), commands, tail, server,
            [](std::uint32_t id) { return "slug" + std::to_string(id); }, options,
            std::move(instance), sink),
        tasks_(io.get_executor(), [](const std::string& name, std::exception_ptr error) {
          ADD_FAILURE() << name << ": " << what(error);
        }) {
    sink.matchmaker = &matchmaker;
    tasks_.spawn("commands", commands.run());
    tasks_.spawn("tail", tail.run());
    tasks_.spawn("matchmaker", matchmaker.run());
  }

  // The end of the process: no farewell, sockets close.
  awaitable<void> kill() {
    tasks_.cancel();
    co_await tasks_.join();
  }

  StateServer server;
  redis::Client commands;
  redis::Client tail;
  FakeSink sink;
  Matchmaker matchmaker;

 private:
  redis::ClientOptions client_options(const redis::Url& url) {
    redis::ClientOptions options;
    options.url = url;
    options.command_timeout = Millis(2000);
    options.on_connect = server.greeting();
    return options;
  }

  TaskGroup tasks_;
};

class WorldTest : public ::testing::Test {
 protected:
  // Times that suit a test. The lag guard is generous: the machine may be busy.
  static Options quick() {
    Options options;
    options.relax = Millis(300);
    options.research = Millis(20);
    options.research_slow = Millis(40);
    options.settle = Millis(200);
    options.lag_stop = Millis(3000);
    options.lag_go = Millis(2000);
    return options;
  }

  ~WorldTest() override {
    run([this]() -> awaitable<void> {
      for (auto& node : nodes_) co_await node->kill();
    });
    nodes_.clear();
  }

  // One that is ready to search.
  awaitable<Node*> start(std::string name, Options options = quick()) {
    nodes_.push_back(std::make_unique<Node>(io_, env_.real(), redis_.url(), options, name));
    Node* node = nodes_.back().get();
    condition([node] { return node->matchmaker.healthy(); });
    co_await eventually();
    co_return node;
  }

  awaitable<void> kill(Node* node) {
    co_await node->kill();
    std::erase_if(nodes_, [node](const auto& one) { return one.get() == node; });
  }

  static Search wish(UserId user, std::vector<std::uint32_t> interests = {1, 2, 3}) {
    Search search;
    search.user = user;
    search.interests = std::move(interests);
    search.attributes.languages = {"en"};
    search.attributes.adult = true;
    return search;
  }

  static Search one_shot(UserId user, std::vector<std::uint32_t> interests = {1, 2, 3}) {
    Search search = wish(user, std::move(interests));
    search.standing = false;
    search.lounge = true;
    search.profile = Profile::count;
    return search;
  }

  awaitable<void> arrive(Node* node, UserId user) {
    const Facts facts;
    co_await node->matchmaker.arrive(user, facts);
  }

  // search() without its outcome, for a TaskGroup.
  awaitable<void> search_only(Node* node, Search what) { co_await search(node, what); }

  // The same for somebody who has arrived.
  awaitable<void> again(Node* node, Search what) { co_await node->matchmaker.search(what); }

  awaitable<SearchOutcome::Kind> search(Node* node, Search what) {
    co_await arrive(node, what.user);
    const SearchOutcome outcome = co_await node->matchmaker.search(what);
    co_return outcome.kind;
  }

  // Both search, are told of one another; returns the room.
  awaitable<RoomId> pair(Node* first, UserId a, Node* second, UserId b) {
    const std::size_t before = first->sink.of(a).size();
    const Search wish_a = wish(a);
    const Search wish_b = wish(b);
    co_await search(first, wish_a);
    co_await search(second, wish_b);
    condition([=] { return first->sink.of(a).size() > before && !second->sink.of(b).empty(); });
    co_await eventually();
    co_return first->sink.of(a).back().room;
  }

  // What eventually() waits for. Stated before it, as a lambda does not go into a co_await.
  void condition(std::function<bool()> holds) { condition_ = std::move(holds); }

  awaitable<void> eventually(Millis limit = Millis(8000)) {
    const std::function<bool()> holds = condition_;
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error("it did not come true");
      co_await sleep_for(Millis(2));
    }
  }

  awaitable<redis::Reply> ask(Node* node, redis::Command command) {
    co_return co_await node->commands.exec(std::move(command));
  }

  template <class Body>
  void run(Body body, std::chrono::seconds limit = std::chrono::seconds(40)) {
    seendr::test::run(io_, std::move(body), limit);
  }

  seendr::test::TestEnv env_;
  net::io_context io_;
  seendr::test::RedisServer redis_{{.durable = true, .arguments = {}}};

 private:
  std::function<bool()> condition_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace seendr::match::test
