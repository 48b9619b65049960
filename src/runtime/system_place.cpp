#include "runtime/system_place.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <pwd.h>
#include <thread>
#include <unistd.h>

#include "base/error.hpp"

namespace seendr {

Identity unprivileged_identity(std::initializer_list<std::string_view> preferred) {
  if (geteuid() != 0) return Identity{};
  std::string tried;
  for (const std::string_view name : preferred) {
    const std::string user(name);
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found && found->pw_uid != 0) {
      return Identity{.switches = true, .uid = found->pw_uid, .gid = found->pw_gid, .user = user};
    }
    tried += (tried.empty() ? "" : ", ") + user;
  }
  throw system_error(error_code(ENOENT, boost::system::generic_category()),
                     "no unprivileged user to run a service as (tried " + tried + ")");
}

namespace {

bool lives_somebody_in(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    const bool is_process =
        std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!is_process) continue;
    const auto place = std::filesystem::read_symlink(entry.path() / "cwd", ignored);
    if (!ignored && place == folder) return true;
  }
  return false;
}

}  // namespace

bool left_by_all(const std::string& folder, Millis limit) {
  std::error_code missing;
  const auto place = std::filesystem::canonical(folder, missing);
  if (missing) return true;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (lives_somebody_in(place)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(Millis(10));
  }
  return true;
}

std::optional<std::string> find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::string folders = path ? path : "";
  folders += ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  for (std::size_t begin = 0; begin <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    const std::string file = folders.substr(begin, end - begin) + "/" + std::string(name);
    if (end > begin && folders[begin] == '/' && access(file.c_str(), X_OK) == 0) return file;
    begin = end + 1;
  }
  return std::nullopt;
}

}  // namespace seendr
