// Processes of the channel layer within one test.
#pragma once

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "channels/layer.hpp"
#include "support/redis_test.hpp"

namespace seendr::channels {

struct Received {
  std::vector<std::pair<std::string, Message>> messages;

  Layer::OnMessage sink() {
    return [this](const std::string& channel, const Message& message) {
      messages.emplace_back(channel, message);
    };
  }
};

// A process of the channel layer: its layer, and the receive loop under way.
class Host {
 public:
  Host(const Env& env, net::io_context& io, redis::Client& commands, redis::Client& blocking,
       LayerOptions options = {})
      : layer(env, commands, blocking, std::move(options)),
        tasks_(io.get_executor(), [](const std::string& name, std::exception_ptr error) {
          ADD_FAILURE() << name << ": " << what(error);
        }) {
    tasks_.spawn("layer", layer.run(received.sink()));
  }

  awaitable<void> stop() {
    tasks_.cancel();
    co_await tasks_.join();
  }

  Layer layer;
  Received received;

 private:
  TaskGroup tasks_;
};

class LayerTest : public test::RedisTest {
 protected:
  awaitable<bool> receives(Host& host, std::size_t count) {
    std::function<bool()> enough = [&host, count] {
      return host.received.messages.size() >= count;
    };
    co_return co_await test::becomes(enough, Millis(5000));
  }

  // The ids that Redis gave to the connections of that name.
  awaitable<std::vector<std::string>> connections_named(std::string name) {
    const redis::Command list("CLIENT", "LIST");
    const redis::Reply reply = co_await redis().exec(list);
    std::istringstream lines(reply.text());
    std::vector<std::string> ids;
    for (std::string line; std::getline(lines, line);) {
      if (line.find(" name=" + name + " ") == std::string::npos) continue;
      ids.push_back(line.substr(3, line.find(' ') - 3));  // "id=7 ..."
    }
    co_return ids;
  }

  // Ends the connections of that name from Redis' side.
  awaitable<void> break_connection(std::string name) {
    const std::vector<std::string> ids = co_await connections_named(name);
    for (const std::string& id : ids) {
      const redis::Command kill("CLIENT", "KILL", "ID", id);
      co_await redis().exec(kill);
    }
  }

  // Whether the inbox of a channel becomes empty.
  awaitable<bool> empties(std::string channel) {
    const redis::Command count("ZCARD", "asgi" + std::string(inbox_of(channel)));
    for (int i = 0; i < 500; ++i) {
      const redis::Reply waiting = co_await redis().exec(count);
      if (waiting.as_int() == 0) co_return true;
      co_await sleep_for(Millis(10));
    }
    co_return false;
  }
};

}  // namespace seendr::channels
