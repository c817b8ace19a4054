"""An emulator of the ActiveCampaign, Aircall and Agile CRM web APIs."""
