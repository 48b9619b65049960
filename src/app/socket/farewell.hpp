// Sends the people of a stopping process elsewhere: each socket at a moment of its own, so that
// thousands of clients do not reconnect at once.
#pragma once

#include <vector>

#include "base/env.hpp"
#include "http/server.hpp"

namespace seendr::app {

// When each of `count` sockets is to go, rising: a random moment in each of as many equal parts of
// `window`. So they are spread evenly, and not in step with those of another process.
std::vector<Millis> farewell_moments(std::size_t count, Millis window, Random& random);

// Tells every socket its moment (`go_away`), and closes with 1012 those whose client has not gone
// by then. The moments lie in the first 15/16 of `window`; clients have the rest, at most a second,
// to be faster than the close. Returns when nobody is left, or after the last moment. On the
// thread of `server`, which must have stopped accepting.
awaitable<void> say_farewell(const Env& env, http::Server& server, Millis window);

}  // namespace seendr::app
