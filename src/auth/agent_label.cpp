#include "auth/agent_label.hpp"

#include <algorithm>
#include <array>

namespace seendr::auth {

namespace {

struct AgentWord {
  std::string_view part;  // Of the User-Agent.
  std::string_view name;
};

// The first that fits: the others' agents hold the words of Chrome and Safari as well.
constexpr std::array kBrowsers = {
    AgentWord{"Edg", "Edge"},
    AgentWord{"OPR/", "Opera"},
    AgentWord{"SamsungBrowser/", "Samsung Internet"},
    AgentWord{"Firefox/", "Firefox"},
    AgentWord{"FxiOS/", "Firefox"},
    AgentWord{"Chrome/", "Chrome"},
    AgentWord{"Chromium/", "Chrome"},
    AgentWord{"CriOS/", "Chrome"},
    AgentWord{"Safari/", "Safari"},
};

constexpr std::array kSystems = {
    AgentWord{"Android", "Android"}, AgentWord{"iPhone", "iPhone"},  AgentWord{"iPad", "iPad"},
    AgentWord{"Windows", "Windows"}, AgentWord{"Mac OS X", "macOS"}, AgentWord{"CrOS", "ChromeOS"},
    AgentWord{"Linux", "Linux"},
};

template <std::size_t Size>
std::string_view name_in(std::string_view agent, const std::array<AgentWord, Size>& words) {
  const auto fits = [agent](const AgentWord& word) {
    return agent.find(word.part) != std::string_view::npos;
  };
  const auto found = std::find_if(words.begin(), words.end(), fits);
  return found == words.end() ? std::string_view() : found->name;
}

}  // namespace

std::string agent_label(std::string_view user_agent) {
  const std::string_view browser = name_in(user_agent, kBrowsers);
  if (browser.empty()) return "";
  std::string label(browser);
  const std::string_view system = name_in(user_agent, kSystems);
  if (!system.empty()) label.append(" on ").append(system);
  return label;
}

}  // namespace seendr::auth
