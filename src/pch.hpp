// The precompiled header of every target: what nearly all files include and nothing of ours that
// changes often.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <boost/system/result.hpp>

#include "runtime/asio.hpp"
