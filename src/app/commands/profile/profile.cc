#include <cmath>

#include "app/context.h"
#include "app/json_text.h"
#include "app/run_summary.h"
#include "run/profiling.h"

namespace leat::app {
namespace {

using run::Grouped;

std::string Seconds(std::chrono::microseconds time) {
  return fmt::format("{:.3g} s", static_cast<double>(time.count()) / 1e6);
}

std::string Percent(double share) { return fmt::format("{:.0f} %", share * 100); }

std::string ServerText(const std::string& connection, const run::ConnectionProfile& found) {
  const component::ServerFacts& server = found.server;
  std::string text = connection + ": " + (server.name.empty() ? "measured" : server.name);
  if (server.connections && server.most_connections)
    text += fmt::format("; {} of {} connections in use", *server.connections, *server.most_connections);
  if (!server.change_log_reason.empty()) {
    text += fmt::format("; its log of changes {} be read: {}", server.change_log ? "can" : "cannot",
                        server.change_log_reason);
  }
  text += "\n";
  if (found.quiet) {
    text += fmt::format("quiet hours: {:02}:00-{:02}:00 UTC have {} of the changes\n", found.quiet->from,
                        (found.quiet->from + 4) % 24, Percent(found.quiet->share));
  }
  return text;
}

std::string StepText(TimeMicros step) {
  switch (step) {
    case 86'400'000'000: return "whole days";
    case 3'600'000'000: return "whole hours";
    case 60'000'000: return "whole minutes";
    case 1'000'000: return "whole seconds";
    case 1'000: return "milliseconds";
    default: return "microseconds";
  }
}

std::string MomentText(const run::MomentProfile& moment, int64_t rows) {
  std::string text = !moment.newest ? "no value" : "newest " + FormatTime(*moment.newest);
  if (moment.per_day) text += fmt::format("; about {} rows a day", Grouped(std::llround(*moment.per_day)));
  if (moment.step != 0) text += "; " + StepText(moment.step);
  if (moment.same > 1) text += fmt::format("; up to {} rows at one moment", Grouped(moment.same));
  if (moment.nulls)
    text += *moment.nulls == 0 ? "; never NULL"
                               : fmt::format("; NULL in {} of {} rows", Grouped(*moment.nulls), Grouped(rows));
  if (moment.ahead > 0) text += fmt::format("; {} later than now", Grouped(moment.ahead));
  if (moment.unreadable > 0) text += fmt::format("; {} no moments", Grouped(moment.unreadable));
  return text;
}

std::string KeyText(const run::KeyProfile& key) {
  std::string text;
  for (const std::string& column : key.columns) text += (text.empty() ? "" : ", ") + column;
  if (key.declared) return text + ": held unique by the source";
  if (key.holds()) return text + ": not declared, but all its values are different";
  return text + fmt::format(": no key, {} rows have a value that another has, {} have none", Grouped(key.duplicates),
                            Grouped(key.with_null));
}

std::string GrowthText(const run::ProfiledTable& one) {
  if (!one.before || !one.before->rows || !one.profile.rows) return "";
  const int64_t more = *one.profile.rows - *one.before->rows;
  return fmt::format("{}{} rows since it was measured on {}", more < 0 ? "" : "+", Grouped(more),
                     FormatTime(one.before->at));
}

std::string ReadText(const run::TableProfile& profile, const run::ReadProfile& read) {
  std::string text = Grouped(read.rows) + " rows";
  if (read.bytes > 0) text += fmt::format(", {:.1f} MB", static_cast<double>(read.bytes) / 1e6);
  text += " in " + Seconds(read.time);
  if (read.longest.count() > 0) text += ", longest statement " + Seconds(read.longest);
  const auto whole = run::TimeToReadAll(profile);
  if (whole && !read.all) text += "; the whole about " + Seconds(*whole);
  return text;
}

std::string LoadText(const run::ProfiledTable& one) {
  if (!one.advice.left_out.empty()) return "left out: " + one.advice.left_out;
  const std::string by = one.advice.update_key.value.empty() ? "" : " by " + one.advice.update_key.value;
  return one.advice.mode.value + by + ": " + one.advice.mode.reason;
}

std::string TableText(const run::ProfiledTable& one) {
  std::string text = one.table.entry + ": " + run::SizeText(one.table, one.profile.counted) + " (" + one.advice.size +
                     ")" + (one.asset.empty() ? "" : ", loaded as " + one.asset) + "\n";
  const auto line = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<14} {}\n", name, value);
  };
  line("growth", GrowthText(one));
  if (one.profile.key) line("key", KeyText(*one.profile.key));
  for (const run::MomentProfile& moment : one.profile.moments)
    line(moment.column, MomentText(moment, one.profile.rows.value_or(0)));
  if (one.profile.writes) {
    const component::WriteCounters& writes = *one.profile.writes;
    line("written",
         fmt::format("{} inserted, {} updated, {} deleted{}", Grouped(writes.inserted), Grouped(writes.updated),
                     Grouped(writes.deleted), writes.since ? " since " + FormatTime(*writes.since) : ""));
  }
  if (one.profile.read) line("reading", ReadText(one.profile, *one.profile.read));
  line("load", LoadText(one));
  for (const std::string& note : one.advice.notes) line("look at this", note);
  for (const std::string& what : one.profile.not_measured) line("not measured", what);
  return text;
}

std::string NumberOrNull(const std::optional<int>& number) { return number ? std::to_string(*number) : "null"; }

std::string AsJson(const std::string& connection, const run::ConnectionProfile& found) {
  JsonObject server;
  server.TextOrNull("name", found.server.name)
      .Raw("connections", NumberOrNull(found.server.connections))
      .Raw("most_connections", NumberOrNull(found.server.most_connections))
      .Boolean("change_log", found.server.change_log)
      .TextOrNull("change_log_reason", found.server.change_log_reason);
  std::vector<std::string> tables;
  for (const run::ProfiledTable& one : found.tables) {
    JsonObject table;
    table.Text("entry", one.table.entry).Text("size", one.advice.size).TextOrNull("asset", one.asset);
    table.Raw("measured", run::ProfileToJson(one.profile));
    table.Raw("before", one.before ? run::ProfileToJson(*one.before) : "null");
    table.TextOrNull("left_out", one.advice.left_out).Text("mode", one.advice.mode.value);
    table.Text("mode_reason", one.advice.mode.reason).TextOrNull("update_key", one.advice.update_key.value);
    table.TextOrNull("update_key_reason", one.advice.update_key.reason).Texts("primary_key", one.advice.key);
    table.TextOrNull("look_back", one.advice.look_back.value).TextOrNull("reconcile", one.advice.reconcile.value);
    table.Texts("notes", one.advice.notes);
    tables.push_back(table.Done());
  }
  std::string quiet = "null";
  if (found.quiet) {
    JsonObject hours;
    hours.Text("hours", fmt::format("{:02}:00-{:02}:00", found.quiet->from, (found.quiet->from + 4) % 24));
    quiet = hours.Real("share", found.quiet->share).Done();
  }
  JsonObject object;
  object.Text("connection", connection).Raw("server", server.Done()).Raw("quiet_hours", quiet);
  object.Raw("tables", JsonArray(tables)).Raw("cost", CostsJson(found.costs));
  return object.Done() + "\n";
}

Result<int> Profile(Context& context) {
  LEAT_ASSIGN(const project::Project project, context.ReadProject());
  run::ProfileOptions options;
  options.full = context.args().Has("full");
  LEAT_ASSIGN(options.most_scanned, context.args().Whole("max-scan", 1'000'000, 0));
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open(true));
  const std::vector<std::string>& words = context.args().positional;
  const std::vector<std::string> patterns(words.begin() + 1, words.end());
  LEAT_ASSIGN(const run::ConnectionProfile found,
              run::ProfileConnection(*lakehouse, project, words[0], patterns, options, &context.Cancel()));
  if (context.json()) {
    Print(AsJson(words[0], found));
    return 0;
  }
  std::string text = ServerText(words[0], found);
  for (const run::ProfiledTable& one : found.tables) text += "\n" + TableText(one);
  if (found.tables.empty()) text += "no table is worth loading; name those that shall be measured all the same\n";
  Print(text);
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_profile() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "profile";
  spec.summary =
      "Measure the tables of a connection: size, change rate, keys, quiet hours, what reading costs the source";
  spec.description =
      "Asks the source short questions under the connection's budget, each ended by the server after 10 s where it can. Tables of\n"
      "more than --max-scan rows are looked at through indexes and a part of 50,000 rows; --full reads them whole. What was\n"
      "found is kept: `leat discover` and `leat add source` decide by it, and the next profile tells the growth.";
  spec.arguments = {
      {"CONNECTION", "name of a connection of connections.yml", true, false},
      {"TABLE", "only these: name or schema.name, with * and ?; views are measured when they are named", false, true}};
  spec.options = {{"full", "", "read whole tables, however large", 0, {}, false, ""},
                  {"max-scan", "ROWS", "largest table that is read whole; default 1000000", 0, {}, false, ""},
                  OutputOption()};
  spec.examples = {"leat profile shop", "leat profile shop orders 'sales.*'", "leat add source shop"};
  spec.run = Profile;
  return spec;
}
