#include "training/app/commands.hpp"
#include "training/executor/executor.hpp"
#include "training/files/whole_file.hpp"
#include "training/graph/read_plan.hpp"
#include "training/operators/tensors.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace training {
namespace {

using nlohmann::json;

struct Finding {
    std::string what;
    std::string reason;
};

std::vector<Finding> findings_of(const Plan& plan)
{
    std::vector<Finding> found;
    const auto look_at = [&](const std::string& what, inference::DataType type) {
        if (!scalar_type_of(type))
            found.push_back({what, "numbers of type " + std::string{inference::name_of(type)} +
                                       " are not computed with"});
    };
    for (const auto& input : plan.inputs)
        look_at("input '" + input.spec.name + "'", input.spec.datatype);
    for (const auto& tensor : plan.model.tensors)
        look_at("initializer '" + tensor.name + "'", tensor.type);
    for (const auto& each : unsupported_nodes(plan))
        found.push_back({label_of(*each.node), each.reason});
    return found;
}

void print(const json& report, std::ostream& out)
{
    out << report.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
}

int refuse(const CommandOptions& options, const std::string& reason, std::ostream& out,
           std::ostream& error)
{
    if (options.json) print({{"supported", false}, {"refused", reason}}, out);
    error << "millrace-trainer: " << options.path << ": " << reason << '\n';
    return refused;
}

}  // namespace

int check_command(const CommandOptions& options, std::ostream& out, std::ostream& error)
{
    const auto file = read_whole_file(options.path, inference::ModelLimits{}.file_bytes);
    if (!file && file.error().kind == ledger::ErrorKind::invalid)
        return refuse(options, file.error().detail, out, error);
    if (!file) {
        error << "millrace-trainer: " << file.error().detail << '\n';
        return unreadable;
    }
    auto plan = read_plan(*file);
    if (!plan) return refuse(options, plan.error().detail, out, error);
    const auto nodes = plan->nodes.size();
    const auto found = findings_of(*plan);
    std::vector<std::string> trainable;
    if (found.empty()) {
        const auto executor = Executor::make(std::move(*plan));
        if (!executor) return refuse(options, executor.error().detail, out, error);
        trainable = executor->trainable();
    }
    if (options.json) {
        json unsupported = json::array();
        for (const auto& each : found)
            unsupported.push_back({{"what", each.what}, {"reason", each.reason}});
        print({{"supported", found.empty()},
               {"nodes", nodes},
               {"unsupported", unsupported},
               {"trainable", trainable}},
              out);
    } else {
        for (const auto& each : found) out << each.what << ": " << each.reason << '\n';
        if (found.empty()) {
            for (const auto& name : trainable) out << "trainable  " << name << '\n';
            out << "all of its " << nodes << " nodes are computed\n";
        }
    }
    return found.empty() ? all_good : refused;
}

}  // namespace training
