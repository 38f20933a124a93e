#include "ledger/codec/json.hpp"
#include "node/app/command_support.hpp"
#include "node/app/doctor_facts.hpp"
#include "node/app/http_get.hpp"

#include <algorithm>
#include <iostream>

namespace node {
namespace {

using namespace ledger;
using nlohmann::json;

constexpr std::chrono::seconds answer_time{5};

/// Where the node of this home serves HTTP; any address of the machine is reached by loopback.
Result<std::string> url_of(const CommandOptions& options)
{
    if (!options.node.empty()) return options.node;
    const auto config = read_config(options);
    if (!config) return config.error();
    return local_url(config->http);
}

std::string text_of(const json& value)
{
    if (value.is_string()) return value.get<std::string>();
    if (value.is_null()) return "-";
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    return value.dump();
}

/// The members of each row under their names, columns as wide as they must be.
void print_table(const json& rows, const std::vector<std::string>& columns)
{
    std::vector<std::vector<std::string>> cells{columns};
    for (const auto& row : rows) {
        std::vector<std::string> line;
        for (const auto& column : columns) line.push_back(text_of(row.value(column, json{})));
        cells.push_back(std::move(line));
    }
    std::vector<std::size_t> widths(columns.size());
    for (const auto& line : cells)
        for (std::size_t i = 0; i < line.size(); ++i)
            widths[i] = std::max(widths[i], line[i].size());
    for (const auto& line : cells) {
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i) {
            text += line[i];
            if (i + 1 < line.size()) text += std::string(widths[i] - line[i].size() + 2, ' ');
        }
        std::cout << text << "\n";
    }
}

/// Asks the node and prints the answer whole, or by `print`.
template <class Print>
int ask(const CommandOptions& options, const std::string& path, Print print)
{
    const auto url = url_of(options);
    if (!url) return fail(url.error());
    const auto answer = get_json(*url, path, answer_time);
    if (!answer) return fail(answer.error());
    if (options.json) {
        std::cout << answer->dump() << "\n";
        return 0;
    }
    if (!answer->is_object()) return fail({ErrorKind::io, *url + path + " is no document"});
    print(*answer);
    return 0;
}

}  // namespace

int peers_command(const CommandOptions& options)
{
    return ask(options, "/v1/peers", [](const json& answer) {
        const auto peers = answer.value("peers", json::array());
        print_table(peers, {"key", "address", "use", "weDialled", "epoch", "connectedMs",
                            "roundTripMs", "bytesIn", "bytesOut", "score"});
        std::cout << peers.size() << " peers\n";
    });
}

int validator_status_command(const CommandOptions& options)
{
    return ask(options, "/v1/consensus", [](const json& answer) {
        auto rows = json::array();
        for (const auto* name : {"epoch", "view", "floor", "height", "tip", "validators", "index",
                                 "isValidator", "silenced", "mempool"})
            if (answer.contains(name)) rows.push_back({{"what", name}, {"value", answer[name]}});
        const auto events = answer.value("events", json::object());
        for (const auto& [name, count] : events.items())
            rows.push_back({{"what", "event " + name}, {"value", count}});
        print_table(rows, {"what", "value"});
    });
}

}  // namespace node
