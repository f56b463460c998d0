//! Studies: the list, one study's page and what can be done with it.
