#include "lab/measurement.hpp"

#include <cstdio>

#include "base/json.hpp"

namespace seendr::lab {
namespace {

double ratio(const Measurement& measurement, double theirs) {
  return theirs > 0 ? measurement.value / theirs : 0;
}

}  // namespace

std::string row(const Measurement& measurement) {
  char buffer[160];
  std::snprintf(buffer, sizeof buffer, "%-34s %12.0f %s", measurement.name.c_str(),
                measurement.value, measurement.unit.c_str());
  std::string out = buffer;
  for (const Rival& rival : measurement.against) {
    out += "   " + rival.name + " ";
    if (rival.value) {
      std::snprintf(buffer, sizeof buffer, "%.0f (%.2fx)", *rival.value,
                    ratio(measurement, *rival.value));
      out += buffer;
    } else {
      out += "missing: " + rival.missing;
    }
  }
  return out + '\n';
}

std::string json_line(const Measurement& measurement) {
  json::object against;
  for (const Rival& rival : measurement.against) {
    json::object other;
    if (rival.value) {
      other["value"] = *rival.value;
      other["ratio"] = ratio(measurement, *rival.value);
    } else {
      other["missing"] = rival.missing;
    }
    against[rival.name] = std::move(other);
  }
  const json::object object{{"name", measurement.name},
                            {"value", measurement.value},
                            {"unit", measurement.unit},
                            {"against", against}};
  return json::serialize(object) + '\n';
}

}  // namespace seendr::lab
