#include "ledger/codec/describe.hpp"
#include "wallet/cli/session.hpp"

#include <map>

namespace wallet::cli {

std::string in_words(market::Rejection rejection)
{
    using market::Rejection;
    static const std::map<Rejection, std::string> words{
        {Rejection::insufficient_funds,
         "the account has too little for this; see: millrace balance"},
        {Rejection::amount_is_zero, "the amount is zero"},
        {Rejection::not_transferable, "this network's credit cannot be transferred"},
        {Rejection::wrong_signature, "a signature is not of who should have signed"},
        {Rejection::bond_too_small, "the bond is below the network's min_bond; raise --bond"},
        {Rejection::not_a_host,
         "the account is not a registered host; see: millrace host register"},
        {Rejection::host_is_unbonding, "the host is on its way out (unbonding)"},
        {Rejection::unbonding_not_over, "the unbonding time is not over"},
        {Rejection::key_already_active, "this key is active already"},
        {Rejection::name_taken, "you have a model of this name already"},
        {Rejection::unknown_model, "no such model"},
        {Rejection::not_the_owner, "only the model's owner may do this"},
        {Rejection::version_not_next, "another version was published meanwhile; try again"},
        {Rejection::unknown_version, "the model has no such version"},
        {Rejection::version_yanked, "this version was yanked"},
        {Rejection::bad_price_sheet,
         "the price makes no sense: min is at least one millionth and at most the cap"},
        {Rejection::price_notice_too_short,
         "a new price must be announced earlier; give a later --from"},
        {Rejection::stale_agreement,
         "there is a newer hosting agreement; make a new one: millrace model agree offer"},
        {Rejection::unknown_channel, "no such channel"},
        {Rejection::deposit_too_small, "the deposit is below the network's min_deposit"},
        {Rejection::above_what_is_free,
         "the channel has less than that free of claims; see: millrace channel show"},
        {Rejection::no_withdrawal, "no withdrawal was started; see: millrace channel close"},
        {Rejection::withdrawal_not_over, "the withdrawal's waiting time is not over"},
        {Rejection::claim_pending,
         "a claim is pending on it; try again when its dispute window is over"},
        {Rejection::nothing_pending, "no claim is pending on this channel"},
        {Rejection::window_not_over, "the dispute window is not over"},
        {Rejection::receipt_not_below_the_claim,
         "the receipt does not show less than was claimed: nothing to dispute"},
        {Rejection::receipt_does_not_overcharge, "the receipt charges what the price sheet says"},
        {Rejection::only_in_a_credit_network, "only a credit network knows this"},
        {Rejection::not_an_issuer, "the account is not one of the network's issuers"},
        {Rejection::too_few_approvals,
         "more must approve; see: millrace credit approve, millrace validator approve"},
        {Rejection::reference_used, "this reference was used before"},
        {Rejection::validators_by_authority,
         "governors decide here who is a validator; see: millrace validator set"},
        {Rejection::validators_by_stake,
         "validators come by stake here; see: millrace validator join"},
        {Rejection::not_a_governor, "the account is not one of the network's governors"},
        {Rejection::already_a_validator, "the account is a validator already"},
        {Rejection::not_a_validator, "the account is no validator"},
        {Rejection::keys_not_distinct, "consensus key, peer key and account must differ"},
        {Rejection::key_used_before, "a validator's key is used once for ever: draw a new one"},
        {Rejection::stake_not_in_units, "the stake must be a multiple of the network's stakeUnit"},
        {Rejection::power_too_small, "a validator's power is at least 1,000"},
        {Rejection::change_waiting, "an earlier change waits for the next epoch"},
        {Rejection::last_validator, "nobody would be left to make blocks"},
        {Rejection::nothing_unbonding,
         "nothing is unbonding, or not long enough; see: millrace validator show"},
        {Rejection::validator_slashed, "the validator was convicted; its key is barred"},
        {Rejection::bad_evidence, "this shows no fault of a validator"},
        {Rejection::authorization_expired, "the payer's signature has run out of time"},
        {Rejection::authorization_used, "the payer's signature was used before"},
        {Rejection::wrong_spender, "the permit is for another spender than x402's"},
        {Rejection::not_the_facilitator, "only the facilitator that the permit names may send it"},
        {Rejection::above_what_is_permitted, "the payer permitted less than that"},
        {Rejection::fee_not_covered, "the account cannot pay the fee"},
        {Rejection::malformed_chain, "a chain has 1 to 4,096 links, each worth something"},
        {Rejection::link_not_of_the_chain, "the link is not of the chain that the payer signed"},
        {Rejection::chain_below_the_last_claim,
         "the chain begins below what was claimed on the channel before"},
        {Rejection::fee_below_the_hashing,
         "links are hashed for a fee, the network's least one for each 1,024"},
    };
    const auto name = std::string{ledger::codec::enum_name(rejection)};
    const auto found = words.find(rejection);
    return found == words.end() ? name : found->second + " (" + name + ")";
}

}  // namespace wallet::cli
