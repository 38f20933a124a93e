#include "wallet/cli/datasets.hpp"

#include "ledger/base/hex.hpp"

namespace wallet::cli {

market::DatasetId dataset_of(const Session& session, const std::string& text)
{
    const auto slash = text.find('/');
    if (text.starts_with("0x") && slash == std::string::npos) {
        const auto id = ledger::id_from_hex<market::DatasetId>(text);
        if (!id) fail(Fault::usage, text + " is no dataset id: 0x and 64 hex digits");
        return *id;
    }
    const auto owner = slash == std::string::npos ? session.account().address
                                                  : session.address_of(text.substr(0, slash));
    const auto name = slash == std::string::npos ? text : text.substr(slash + 1);
    return market::dataset_id(owner, name);
}

}  // namespace wallet::cli
