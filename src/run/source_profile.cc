#include "run/source_profile.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace leat::run {
namespace {

using nlohmann::json;

constexpr TimeMicros kHour = 3'600'000'000;
constexpr TimeMicros kDay = 24 * kHour;
constexpr std::array<TimeMicros, 6> kSteps = {kDay, kHour, 60'000'000, 1'000'000, 1'000, 1};

int HourOf(TimeMicros at) {
  const TimeMicros of_day = at % kDay;
  return static_cast<int>((of_day < 0 ? of_day + kDay : of_day) / kHour);
}

template <typename T>
json OrNull(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json TimeOrNull(const std::optional<TimeMicros>& time) { return time ? json(FormatTime(*time)) : json(nullptr); }

double Seconds(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1e6; }

std::chrono::microseconds Micros(const json& seconds) {
  return std::chrono::microseconds(std::llround(seconds.get<double>() * 1e6));
}

std::optional<TimeMicros> OptionalTime(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return std::nullopt;
  const auto time = ParseTime(found->get<std::string>());
  return time.ok() ? std::optional(*time) : std::nullopt;
}

template <typename T>
std::optional<T> Optional(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return found->get<T>();
}

json MomentToJson(const MomentProfile& moment) {
  return {{"column", moment.column},
          {"seen", moment.seen},
          {"unreadable", moment.unreadable},
          {"nulls", OrNull(moment.nulls)},
          {"newest", TimeOrNull(moment.newest)},
          {"oldest", TimeOrNull(moment.oldest)},
          {"ahead", moment.ahead},
          {"same", moment.same},
          {"step_us", moment.step},
          {"per_day", OrNull(moment.per_day)},
          {"hours", moment.hours},
          {"since_reset", OrNull(moment.since_reset)}};
}

MomentProfile MomentFromJson(const json& object) {
  MomentProfile moment;
  moment.column = object.at("column");
  moment.seen = object.at("seen");
  moment.unreadable = object.at("unreadable");
  moment.nulls = Optional<int64_t>(object, "nulls");
  moment.newest = OptionalTime(object, "newest");
  moment.oldest = OptionalTime(object, "oldest");
  moment.ahead = object.at("ahead");
  moment.same = object.at("same");
  moment.step = object.at("step_us");
  moment.per_day = Optional<double>(object, "per_day");
  moment.hours = object.at("hours").get<std::array<int64_t, 24>>();
  moment.since_reset = Optional<int64_t>(object, "since_reset");
  return moment;
}

}  // namespace

const MomentProfile* TableProfile::Find(const std::string& column) const {
  const auto found =
      std::find_if(moments.begin(), moments.end(), [&](const MomentProfile& one) { return one.column == column; });
  return found == moments.end() ? nullptr : &*found;
}

MomentProfile ProfileMoments(const std::string& column, const std::vector<std::string>& values, TimeMicros now) {
  MomentProfile moment;
  moment.column = column;
  moment.seen = static_cast<int64_t>(values.size());
  std::map<TimeMicros, int64_t> times;
  size_t step = 0;
  int64_t past = 0;
  for (const std::string& value : values) {
    const auto at = ParseTime(value);
    if (!at.ok()) {
      ++moment.unreadable;
      continue;
    }
    if (!moment.newest || *at > *moment.newest) moment.newest = *at;
    if (!moment.oldest || *at < *moment.oldest) moment.oldest = *at;
    while (*at % kSteps.at(step) != 0) ++step;
    moment.step = kSteps.at(step);
    moment.same = std::max(moment.same, ++times[*at]);
    if (*at > now) {
      ++moment.ahead;
      continue;
    }
    ++past;
    ++moment.hours.at(static_cast<size_t>(HourOf(*at)));
  }
  const TimeMicros span = moment.oldest ? now - *moment.oldest : 0;
  if (past > 0 && span >= kDay) moment.per_day = static_cast<double>(past) * kDay / static_cast<double>(span);
  // Less than two days, or whole days, tell nothing of the hours.
  if (span < 2 * kDay || moment.step == kDay) moment.hours = {};
  return moment;
}

std::optional<QuietHours> FindQuietHours(const std::vector<TableProfile>& profiles) {
  constexpr int kLong = 4;
  std::array<double, 24> spread{};
  double all = 0;
  for (const TableProfile& profile : profiles) {
    for (const MomentProfile& moment : profile.moments) {
      int64_t seen = 0;
      for (const int64_t hour : moment.hours) seen += hour;
      if (seen == 0 || !moment.per_day) continue;
      for (size_t hour = 0; hour < 24; ++hour)
        spread.at(hour) += *moment.per_day * static_cast<double>(moment.hours.at(hour)) / static_cast<double>(seen);
      all += *moment.per_day;
    }
  }
  if (all <= 0) return std::nullopt;
  QuietHours quiet{0, 2};
  for (int from = 0; from < 24; ++from) {
    double share = 0;
    for (int hour = from; hour < from + kLong; ++hour) share += spread.at(static_cast<size_t>(hour % 24)) / all;
    if (share < quiet.share) quiet = {from, share};
  }
  constexpr double kEven = kLong / 24.0;
  return quiet.share < kEven / 2 ? std::optional(quiet) : std::nullopt;
}

std::optional<std::chrono::microseconds> TimeToReadAll(const TableProfile& profile) {
  if (!profile.read || !profile.rows || profile.read->rows == 0) return std::nullopt;
  if (profile.read->all) return profile.read->time;
  const double times = static_cast<double>(*profile.rows) / static_cast<double>(profile.read->rows);
  return std::chrono::microseconds(static_cast<int64_t>(times * static_cast<double>(profile.read->time.count())));
}

std::string ProfileToJson(const TableProfile& profile) {
  json moments = json::array();
  for (const MomentProfile& moment : profile.moments) moments.push_back(MomentToJson(moment));
  json object{{"version", 1},
              {"at", FormatTime(profile.at)},
              {"rows", OrNull(profile.rows)},
              {"counted", profile.counted},
              {"bytes", OrNull(profile.bytes)},
              {"moments", std::move(moments)},
              {"not_measured", profile.not_measured}};
  if (profile.key) {
    object["key"] = {{"columns", profile.key->columns},
                     {"declared", profile.key->declared},
                     {"with_null", profile.key->with_null},
                     {"duplicates", profile.key->duplicates}};
  }
  if (profile.writes) {
    object["writes"] = {{"inserted", profile.writes->inserted},
                        {"updated", profile.writes->updated},
                        {"deleted", profile.writes->deleted},
                        {"since", TimeOrNull(profile.writes->since)}};
  }
  if (profile.read) {
    object["read"] = {{"rows", profile.read->rows},
                      {"bytes", profile.read->bytes},
                      {"seconds", Seconds(profile.read->time)},
                      {"longest_seconds", Seconds(profile.read->longest)},
                      {"all", profile.read->all}};
  }
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<TableProfile> ProfileFromJson(const std::string& text) {
  try {
    const json object = json::parse(text);
    TableProfile profile;
    profile.at = OptionalTime(object, "at").value_or(0);
    profile.rows = Optional<int64_t>(object, "rows");
    profile.counted = object.at("counted");
    profile.bytes = Optional<int64_t>(object, "bytes");
    profile.not_measured = object.at("not_measured").get<std::vector<std::string>>();
    for (const json& moment : object.at("moments")) profile.moments.push_back(MomentFromJson(moment));
    if (const auto key = object.find("key"); key != object.end()) {
      profile.key = {key->at("columns").get<std::vector<std::string>>(), key->at("declared"), key->at("with_null"),
                     key->at("duplicates")};
    }
    if (const auto writes = object.find("writes"); writes != object.end()) {
      profile.writes = {writes->at("inserted"), writes->at("updated"), writes->at("deleted"),
                        OptionalTime(*writes, "since")};
    }
    if (const auto read = object.find("read"); read != object.end()) {
      profile.read = {read->at("rows"), read->at("bytes"), Micros(read->at("seconds")),
                      Micros(read->at("longest_seconds")), read->at("all")};
    }
    return profile;
  } catch (const json::exception& error) {
    return MakeError("RUN-554", ErrorKind::kData, "a stored profile of a source's table cannot be read: {}",
                     error.what())
        .WithHint("measure again: leat profile");
  }
}

}  // namespace leat::run
