#include "wallet/cli/model_names.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"

namespace wallet::cli {

market::ModelId model_of(const Session& session, const std::string& text)
{
    if (text.starts_with("0x") && text.find_first_of("/:") == std::string::npos) {
        const auto id = ledger::id_from_hex<market::ModelId>(text);
        if (!id) fail(Fault::usage, text + " is no model id: 0x and 64 hex digits");
        return *id;
    }
    const auto slash = text.find_first_of("/:");
    if (slash == std::string::npos) return market::model_id(session.account().address, text);
    return market::model_id(session.address_of(text.substr(0, slash)), text.substr(slash + 1));
}

market::Version version_of(const Session& session, const market::ModelId& model,
                           const std::string& text)
{
    if (const auto number = ledger::codec::parse_decimal(text)) {
        if (*number == 0 || *number > 0xffffffffU) fail(Fault::usage, "versions count from 1");
        return {static_cast<std::uint32_t>(*number)};
    }
    const auto name = text.empty() ? std::string{"latest"} : text;
    const auto alias = session.record<market::Alias>({model, name});
    if (!alias || alias->targets.empty())
        fail(Fault::not_found, "the model has no alias " + name + "; give a version number");
    if (alias->targets.size() > 1)
        fail(Fault::usage, "the alias " + name + " has several targets; give a version number");
    return alias->targets.front().ver;
}

std::uint64_t next_serial(const Session& session, const market::ModelId& model, market::Version ver,
                          const ledger::Address& host)
{
    const auto agreement = session.record<market::Agreement>({model, ver, host});
    return agreement ? agreement->serial : 0;
}

}  // namespace wallet::cli
