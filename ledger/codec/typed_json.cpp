#include "ledger/codec/typed_json.hpp"

namespace ledger::eip712 {

nlohmann::json domain_json(const Domain& domain)
{
    nlohmann::json made{{"name", domain.name}, {"chainId", domain.chain_id.value}};
    if (domain.version) made["version"] = *domain.version;
    if (domain.verifying_contract)
        made["verifyingContract"] = to_checksum(*domain.verifying_contract);
    if (domain.salt) made["salt"] = to_hex0x(domain.salt->view());
    return made;
}

namespace detail {

nlohmann::json members_json(const std::string& definition)
{
    auto made = nlohmann::json::array();
    auto at = definition.find('(') + 1;
    while (definition[at] != ')') {
        const auto space = definition.find(' ', at);
        const auto end = definition.find_first_of(",)", space);
        made.push_back({{"name", definition.substr(space + 1, end - space - 1)},
                        {"type", definition.substr(at, space - at)}});
        at = definition[end] == ',' ? end + 1 : end;
    }
    return made;
}

nlohmann::json domain_members_json(const Domain& domain)
{
    std::string definition = "EIP712Domain(string name";
    if (domain.version) definition += ",string version";
    definition += ",uint256 chainId";
    if (domain.verifying_contract) definition += ",address verifyingContract";
    if (domain.salt) definition += ",bytes32 salt";
    return members_json(definition + ")");
}

}  // namespace detail
}  // namespace ledger::eip712
