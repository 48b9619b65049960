// The browser and the system that a User-Agent names, for a person to recognise a session by. Pure.
#pragma once

#include <string>
#include <string_view>

namespace seendr::auth {

// "Firefox on Linux", or only the browser. Empty for an agent that is not one of the usual
// browsers. Never longer than a few words, and none of them is the client's own.
std::string agent_label(std::string_view user_agent);

}  // namespace seendr::auth
