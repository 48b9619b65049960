// People who talk to real servers in a test, one line after the other.
//
// Nothing moves between the calls of a Stage: each pumps its io_context until the answer is there.
// So a test reads like the dialogue it is about. What does not come in time is thrown.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "http/client.hpp"
#include "lab/people.hpp"
#include "redis/client.hpp"
#include "runtime/net.hpp"
#include "runtime/task_group.hpp"
#include "support/env.hpp"
#include "support/redis_test.hpp"

namespace seendr::test {

inline constexpr Millis kPatience{8'000};  // For an answer, on a busy machine.

// The text of a field; empty when it is absent or no string.
inline std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

inline bool has(const json::object& object, std::string_view key) {
  return object.contains(key);
}

// One WebSocket of one person.
class Tab {
 public:
  struct State {
    std::unique_ptr<http::WebSocketClient> socket;
    std::deque<std::string> heard;
    bool ended = false;
    std::uint16_t close_code = 0;
  };
  using Pump = std::function<bool(const std::function<bool()>&, Millis)>;
  using Send = std::function<void(const std::shared_ptr<State>&, std::string)>;

  Tab(std::shared_ptr<State> state, Pump pump, Send send)
      : state_(std::move(state)), pump_(std::move(pump)), send_(std::move(send)) {}

  void say(const std::string& text) { send_(state_, text); }
  void say(const json::object& frame) { say(json::serialize(frame)); }

  // The next frame as it came, whatever it is.
  std::string hear_text(Millis limit = kPatience) {
    pump_([this] { return !state_->heard.empty() || state_->ended; }, limit);
    if (state_->heard.empty()) {
      const std::string end = state_->ended ? "closed " + std::to_string(state_->close_code) : "";
      throw std::runtime_error("the server says nothing; " + end);
    }
    std::string text = std::move(state_->heard.front());
    state_->heard.pop_front();
    return text;
  }

  // The next frame, which must be of that type; `searching` frames in front of it are skipped.
  json::object hear(std::string_view type, Millis limit = kPatience) {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
      std::string text;
      const auto left = end - std::chrono::steady_clock::now();
      try {
        text = hear_text(std::chrono::ceil<Millis>(left));
      } catch (const std::runtime_error& error) {
        throw std::runtime_error("no " + std::string(type) + ": " + error.what());
      }
      std::optional<json::object> frame = json::parse_object(text);
      if (!frame) throw std::runtime_error("no JSON object: " + text);
      const std::string got = text_at(*frame, "type");
      if (got == type) return std::move(*frame);
      if (got == "searching") continue;
      throw std::runtime_error("expected " + std::string(type) + ", got " + text);
    }
  }

  // Frames other than `searching` that came and were not yet heard, after waiting for `time`.
  std::vector<std::string> overhear(Millis time) {
    pump_([] { return false; }, time);
    std::vector<std::string> out;
    for (const std::string& text : state_->heard) {
      if (text.find(R"("type":"searching")") == std::string::npos) out.push_back(text);
    }
    return out;
  }

  // Waits for the end of the connection; its close code, 0 when it does not end.
  std::uint16_t closed(Millis limit = kPatience) {
    pump_([this] { return state_->ended; }, limit);
    return state_->close_code;
  }

  bool open() const { return !state_->ended; }

  // Everything the server did about earlier frames of this tab is told when this returns.
  void settle() {
    say(json::object{{"action", "ping"}});
    hear("pong");
  }

  void cut() {
    if (state_->socket && !state_->ended) state_->socket->cut();
    pump_([this] { return state_->ended; }, kPatience);
  }

 private:
  std::shared_ptr<State> state_;
  Pump pump_;
  Send send_;
};

// Somebody who signed in.
struct Player {
  std::string id;
  std::string session;  // Value of the cookie.
  std::string language;

  http::Headers headers() const { return {{"Cookie", "sessionid=" + session}}; }
};

class Stage {
 public:
  Stage() = default;
  ~Stage() {
    for (const auto& state : tabs_) {
      if (state->socket && !state->ended) state->socket->cut();
    }
    until([this] { return readers_ == 0; }, Millis(2'000));
  }

  // Runs what is under way until `done` or the limit; whether it was done.
  bool until(const std::function<bool()>& done, Millis limit = kPatience) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done()) {
      if (std::chrono::steady_clock::now() >= end) return false;
      io_.restart();
      const bool idle = io_.run_one_for(Millis(10)) == 0 && readers_ == 0;
      if (idle) std::this_thread::sleep_for(Millis(2));  // Nothing is under way.
    }
    return true;
  }

  // The result of a coroutine.
  template <class T>
  T await(awaitable<T> work, Millis limit = kPatience) {
    auto outcome = std::make_shared<std::optional<T>>();
    auto failure = std::make_shared<std::exception_ptr>();
    net::co_spawn(io_, std::move(work), [outcome, failure](std::exception_ptr error, T value) {
      *failure = error;
      if (!error) outcome->emplace(std::move(value));
    });
    until([&] { return outcome->has_value() || *failure; }, limit);
    if (*failure) std::rethrow_exception(*failure);
    if (!outcome->has_value()) throw std::runtime_error("no answer in time");
    return std::move(**outcome);
  }

  // One request on a connection of its own.
  http::ClientResponse call(const std::string& server, std::string method, std::string target,
                            http::Headers headers = {}, std::string body = {}) {
    return call(lab::parse_server(server), std::move(method), std::move(target), std::move(headers),
                std::move(body));
  }
  http::ClientResponse call(http::ClientTarget where, std::string method, std::string target,
                            http::Headers headers = {}, std::string body = {}) {
    return await(request(std::move(where), std::move(method), std::move(target), std::move(headers),
                         std::move(body)));
  }

  // A connection that stays open, for several requests.
  std::shared_ptr<http::Client> connect(const std::string& server) {
    return await(connected(lab::parse_server(server)));
  }

  // A new guest who is of age, with a language of their own unless one is given: only people with
  // a common language can meet.
  Player guest(const std::string& server, std::string language = {},
               std::vector<std::string> interests = {}) {
    if (language.empty()) language = new_language();
    const json::object wish{
        {"adult", true}, {"display_name", "Ada"}, {"languages", {language}}, {"region", "eu"}};
    const http::ClientResponse made =
        call(server, "POST", "/api/v1/auth/guest", {{"Content-Type", "application/json"}},
             json::serialize(wish));
    if (made.status != 201) throw std::runtime_error("no guest: " + made.body);
    Player player;
    player.id = text_at(json::parse(made.body).at("user").as_object(), "id");
    player.session = cookie_value(made.headers);
    player.language = language;
    if (interests.empty()) return player;
    const json::object body{{"interests", json::value_from(interests)}};
    http::Headers headers = player.headers();
    headers.add("Content-Type", "application/json");
    const http::ClientResponse set =
        call(server, "PUT", "/api/v1/me/interests", headers, json::serialize(body));
    if (set.status != 200) throw std::runtime_error("no interests: " + set.body);
    return player;
  }

  // A language nobody else of this test program speaks.
  static std::string new_language() {
    static int count = 0;
    const int n = count++;
    return std::string{'q', static_cast<char>('a' + n / 26), static_cast<char>('a' + n % 26)};
  }

  static std::string cookie_value(const http::Headers& headers) {
    const std::string cookie(headers.get("Set-Cookie"));
    const std::string name = "sessionid=";
    if (cookie.rfind(name, 0) != 0) return "";
    return cookie.substr(name.size(), cookie.find(';') - name.size());
  }

  // A socket as it comes; throws what the server said when it refuses.
  Tab open(const std::string& server, const http::Headers& headers, std::string subprotocol = {},
           std::string path = "/ws/matching/") {
    auto state = std::make_shared<Tab::State>();
    const int status = try_open(server, headers, subprotocol, path, state);
    if (status != 101) throw std::runtime_error("upgrade refused: " + std::to_string(status));
    return Tab(state, pump(), sender());
  }

  // The status of the answer to an upgrade; 101 when it was accepted (and is cut again).
  int upgrade_status(const std::string& server, const http::Headers& headers,
                     std::string subprotocol = {}, std::string path = "/ws/matching/") {
    auto state = std::make_shared<Tab::State>();
    const int status = try_open(server, headers, subprotocol, path, state);
    if (state->socket) state->socket->cut();
    return status;
  }

  // Asks for an upgrade in the article's manner while Redis does not answer, and is gone before it
  // does.
  void abandon_upgrade(const std::string& server, const Player& player, RedisServer& redis) {
    redis.pause();
    auto client = await(connected(lab::parse_server(server)));
    await(send(client,
               "GET /ws/matching/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
               "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: sessionid=" +
                   player.session + "\r\n\r\n"));
    call(server, "GET", "/healthz");  // The loop that answers this has read that.
    client->reset();
    redis.resume();
  }

  // A tab in the article's manner: says and hears nothing at first.
  Tab article(const std::string& server, const Player& player) {
    return open(server, player.headers());
  }

  // A tab of seendr.v1 that has said hello.
  Tab v1(const std::string& server, const Player& player, const std::string& resume = {}) {
    return v1_welcomed(server, player, resume).first;
  }

  std::pair<Tab, json::object> v1_welcomed(const std::string& server, const Player& player,
                                           const std::string& resume = {}) {
    Tab tab = open(server, player.headers(), "seendr.v1");
    json::object hello{{"action", "hello"}};
    if (!resume.empty()) hello["resume_token"] = resume;
    tab.say(hello);
    json::object welcome = tab.hear("welcome");
    return {std::move(tab), std::move(welcome)};
  }

  // One Redis command on a connection of its own.
  redis::Reply redis(const redis::Url& url, redis::Command command) {
    return await(redis_once(env_.real(), url, std::move(command)));
  }

  Env env() { return env_.real(); }

 private:
  static awaitable<std::shared_ptr<http::Client>> connected(http::ClientTarget where) {
    http::Client client = co_await http::Client::connect(std::move(where));
    co_return std::make_shared<http::Client>(std::move(client));
  }

  static awaitable<http::ClientResponse> request(http::ClientTarget where, std::string method,
                                                 std::string target, http::Headers headers,
                                                 std::string body) {
    http::Client client = co_await http::Client::connect(where);
    http::ClientResponse response = co_await client.request(std::move(method), std::move(target),
                                                            std::move(headers), std::move(body));
    client.reset();
    co_return response;
  }

  static awaitable<bool> send(std::shared_ptr<http::Client> client, std::string bytes) {
    co_await client->send_raw(std::move(bytes));
    co_return true;
  }

  static awaitable<redis::Reply> redis_once(Env env, redis::Url url, redis::Command command) {
    const Executor executor = co_await net::this_coro::executor;
    redis::ClientOptions options;
    options.url = url;
    redis::Client client(env, executor, options);
    TaskGroup tasks(executor, [](const std::string&, std::exception_ptr) {});
    tasks.spawn("redis", client.run());
    std::optional<redis::Reply> reply;
    std::exception_ptr failure;
    try {
      reply = co_await client.exec(std::move(command));
    } catch (...) {
      failure = std::current_exception();
    }
    tasks.cancel();
    co_await tasks.join();
    if (failure) std::rethrow_exception(failure);
    co_return std::move(*reply);
  }

  int try_open(const std::string& server, const http::Headers& headers,
               const std::string& subprotocol, const std::string& path,
               const std::shared_ptr<Tab::State>& state) {
    http::WebSocketClient::Outcome outcome = await(
        http::WebSocketClient::connect(lab::parse_server(server), path, headers, subprotocol));
    if (!outcome.socket) return outcome.response.status;
    state->socket = std::move(outcome.socket);
    tabs_.push_back(state);
    ++readers_;
    net::co_spawn(io_, listen(state), [this](std::exception_ptr) { --readers_; });
    return 101;
  }

  static awaitable<void> listen(std::shared_ptr<Tab::State> state) {
    try {
      for (;;) {
        http::WebSocketClient::Message message = co_await state->socket->read();
        if (!message.text) {
          state->close_code = message.close_code;
          break;
        }
        state->heard.push_back(std::move(*message.text));
      }
    } catch (const system_error&) {
      state->close_code = 1006;
    }
    state->ended = true;
  }

  static awaitable<bool> send(std::shared_ptr<Tab::State> state, std::string text) {
    co_await state->socket->send(std::move(text));
    co_return true;
  }

  Tab::Pump pump() {
    return [this](const std::function<bool()>& done, Millis limit) {
      return until(done, limit);
    };
  }

  Tab::Send sender() {
    return [this](const std::shared_ptr<Tab::State>& state, std::string text) {
      await(send(state, std::move(text)));
    };
  }

  TestEnv env_;
  net::io_context io_;
  std::list<std::shared_ptr<Tab::State>> tabs_;
  std::size_t readers_ = 0;
};

}  // namespace seendr::test
