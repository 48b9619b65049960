#include "app/mail/outbox.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <vector>

#include "base/number.hpp"

#include <sys/stat.h>

namespace seendr::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".eml";
constexpr std::int64_t kDraftLifeMs = 3'600'000;
constexpr std::int64_t kMailLifeMs = 48 * 3'600'000;

Delivery not_written(const std::string& path, int error) {
  return Delivery{Delivery::Kind::temporary, "cannot write " + path + ": " + std::strerror(error)};
}

// 0, or errno. The file must not be there yet.
int write_private(const std::string& path, std::string_view text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return errno;
  int failure = 0;
  while (!text.empty() && failure == 0) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
    if (n < 0 && errno != EINTR) failure = errno;
  }
  if (close(fd) != 0 && failure == 0) failure = errno;
  return failure;
}

}  // namespace

Outbox::Outbox(std::string folder, std::size_t most) : folder_(std::move(folder)), most_(most) {}

Delivery Outbox::put(std::string_view message, std::int64_t wall_ms,
                     std::string_view unique) const {
  std::error_code error;
  fs::create_directories(fs::path(folder_).parent_path(), error);
  if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return not_written(folder_, errno);
  const std::string name = std::to_string(wall_ms) + "-" + std::string(unique) + kEnding;
  const std::string path = folder_ + "/" + name;
  const std::string draft = folder_ + "/." + name;
  int failure = write_private(draft, message);
  if (failure == 0 && rename(draft.c_str(), path.c_str()) != 0) failure = errno;
  if (failure != 0) {
    unlink(draft.c_str());
    return not_written(path, failure);
  }
  trim(wall_ms);
  return Delivery{};
}

// Names begin with the time, so the oldest come first.
void Outbox::trim(std::int64_t wall_ms) const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (!name.ends_with(kEnding)) continue;
    const bool is_draft = name.starts_with('.');
    std::string_view time = std::string_view(name).substr(is_draft ? 1 : 0);
    time = time.substr(0, time.find('-'));
    const auto written_ms = parse_number<std::int64_t>(time);
    const std::int64_t life_ms = is_draft ? kDraftLifeMs : kMailLifeMs;
    if (written_ms && *written_ms < wall_ms - life_ms) {
      unlink(it->path().c_str());
    } else if (!is_draft) {
      names.push_back(std::move(name));
    }
  }
  if (names.size() <= most_) return;
  std::sort(names.begin(), names.end());
  for (std::size_t i = 0; i < names.size() - most_; ++i) {
    unlink((folder_ + "/" + names[i]).c_str());
  }
}

}  // namespace seendr::app
